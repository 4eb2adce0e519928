"""Analysis of layers: what is read, which methods there are, how their jobs are kept."""
