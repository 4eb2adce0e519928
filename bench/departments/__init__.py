"""What each department does on a day, through the API and with its own accounts, and its books."""
