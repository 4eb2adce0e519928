"""Requests for help behind the public layer: posting, following, coordinating; all rules in SQL."""
