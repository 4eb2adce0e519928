"""Health declarations: taking them, what they raise for the districts, how long they stay."""
