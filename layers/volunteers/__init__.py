"""Volunteers: who offers which help where, the tasks they are assigned to, and being forgotten."""
