"""Rasters that are served: their rows, their files, taking one in.

The row is the truth; its file is a cloud-optimised GeoTIFF named by the hash of its content.
"""
