"""Rasters over HTTP: collections, OGC API Coverages, Maps and map tiles, legends.

A worker reads what is asked and who may see it; the process of analysis reads the pixels
(`api/analysis/pictures.py`), since GDAL has no place in a worker.
"""
