"""Directives over HTTP: finding them, their files, and OGC API Records."""
