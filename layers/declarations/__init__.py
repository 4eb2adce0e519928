"""Health declarations: taking them, what is raised for the districts, how long they stay."""
