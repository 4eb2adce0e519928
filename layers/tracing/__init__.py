"""Contact tracing: requests that two people make, the search, contacts of devices."""
