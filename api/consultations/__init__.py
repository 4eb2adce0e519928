"""Consultations over HTTP: asking for one, following it, and the desk of doctors."""
