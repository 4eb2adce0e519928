"""What every job's process needs, loaded once in the process that they are made from."""

import psycopg2
import pyproj
import scipy.stats
import shapely

from layers.analysis import methods

__all__ = ["methods", "psycopg2", "pyproj", "scipy", "shapely"]
