"""Geometry and mathematics: coordinate systems, tile grids, CQL2, SQL for PostGIS.

Knows no layer, no HTTP and no settings.
"""
