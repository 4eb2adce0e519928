"""Consultations by telephone: the rule of their order, taking them, calling back, forgetting."""
