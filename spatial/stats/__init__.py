"""The mathematics of hotspot analysis, on NumPy arrays.

Coordinates are metres, x east and y north, in a projected CRS of the caller's choice; never
degrees. Nothing here draws from a random source without a seed. These modules load SciPy or
scikit-learn, so a web worker must not import them: import them where the work is done, in a job's
process.
"""
