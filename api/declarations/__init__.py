"""Health declarations over HTTP: anybody declares, districts work on what it raises."""
