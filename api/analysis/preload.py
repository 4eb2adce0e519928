"""What every job's process needs, loaded once in the process that they are made from."""

import sklearn.cluster

from layers.analysis import groups, patterns, perform, reach, surfaces, totals, zones

__all__ = ["groups", "patterns", "perform", "reach", "sklearn", "surfaces", "totals", "zones"]
