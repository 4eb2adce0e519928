"""OGC API at `/ogc`: Features, Tiles and Styles on the one read path."""
