"""The registers of vaccination: stock, sessions, registrations, doses, reactions, corrections."""
