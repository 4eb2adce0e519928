"""What every job's process needs, made ready once in the process that they are made from."""

import sklearn.cluster

from api.settings import Settings
from layers.analysis import groups, patterns, perform, reach, surfaces, totals, zones
from layers.province import load_province
from spatial.projecting import prepare

__all__ = ["groups", "patterns", "perform", "reach", "sklearn", "surfaces", "totals", "zones"]

prepare(load_province(Settings().province_folder).metric_srid)
