"""Check-ins over HTTP: recording them, their figures, and the posters of their sites."""
