"""`/api/registers`: private tables of staff, each made from its record."""
