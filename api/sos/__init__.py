"""Requests for help over HTTP."""
