"""Files to layers: read, matched to the record's columns, checked row by row, written at once."""

from layers.importing.problems import ImportFailed, Problem
from layers.importing.run import ImportResult, import_file

__all__ = ["ImportFailed", "ImportResult", "Problem", "import_file"]
