"""The road graph: read from a file of lines, made in the database, for the nearest teams."""
