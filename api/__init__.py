"""HTTP and the command line over the layers."""
