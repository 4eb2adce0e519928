"""`/api/tracing`: requests for contact tracing, what they find, and who has looked."""
