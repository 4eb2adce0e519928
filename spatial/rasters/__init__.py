"""Rasters: what is known of one, grids to read it on, cloud-optimised files, colours, zones.

`facts`, `grids` and `colours` need no GDAL and are what a worker loads. The others import rasterio:
they run in the process of analysis, in a job's, or in a child that takes files in.
"""
