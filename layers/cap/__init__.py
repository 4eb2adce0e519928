"""Alerts as the Common Alerting Protocol 1.2 (OASIS) writes them: out of the layer and into it."""
