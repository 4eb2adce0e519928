"""Feeds in other systems' forms: CAP 1.2, Atom with GeoRSS, Cursor on Target."""
