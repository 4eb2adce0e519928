"""`python -m layers.outbreaks`: computes what follows from the reports.

The database's address comes on standard input.
"""

from __future__ import annotations

import sys

import psycopg2

from layers.outbreaks.computing import compute


def main() -> None:
    """Read the address, compute, commit."""
    connection = psycopg2.connect(sys.stdin.read(), application_name="dieuhanh epidemic")
    try:
        with connection, connection.cursor() as cursor:
            compute(cursor)
    finally:
        connection.close()


main()
