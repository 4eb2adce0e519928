"""Volunteers over HTTP: registering and one's own page, the desk of who assigns, counts."""
