"""`python -m api.cli` is `dieuhanh`."""

from api.cli import main

main()
