"""The records of the reports, a module for each theme with its `REPORTS`."""
