"""`python -m api.brief`: draws the page that comes pickled on standard input, as PDF to output."""

from __future__ import annotations

import pickle
import sys

from api.brief.sheet import draw


def main() -> None:
    """Read the page and write its PDF."""
    sys.stdout.buffer.write(draw(pickle.load(sys.stdin.buffer)))


main()
