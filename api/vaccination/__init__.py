"""Vaccination: registering, the desk of a point, progress, and the list of points."""
