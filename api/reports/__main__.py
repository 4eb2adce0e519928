"""`python -m api.reports`: makes the file of the pickled (form, paper), and writes it to output."""

from __future__ import annotations

import pickle
import sys


def main() -> None:
    """Read what is wanted and write the file."""
    form, paper = pickle.load(sys.stdin.buffer)
    # Each of the two libraries is large, and one of them is enough.
    if form == "pdf":
        from api.reports.pdf import draw

        content = draw(paper)
    else:
        from api.reports.workbook import write

        content = write(paper)
    sys.stdout.buffer.write(content)


main()
