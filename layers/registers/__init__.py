"""Registers: private tables with a record each, never served to the public."""
