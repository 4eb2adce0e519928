"""Whole layers as files, written by a process of its own, so that its memory goes with it.

`layers.exporting` says in a `Plan` what to write and starts `python -m layers.writing`. Nothing
here knows the records: that process holds little beside the library of the one format it writes.
"""
