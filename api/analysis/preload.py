"""What every job's process needs, loaded once in the process that they are made from."""

import sklearn.cluster

from layers.analysis import groups, patterns, perform, reach, totals

__all__ = ["groups", "patterns", "perform", "reach", "sklearn", "totals"]
