"""`python -m api.briefing`: draws what is ordered, pickled on standard input.

Its output is pickled too: the file, or the two sentences that say what is wrong with the result.
"""

from __future__ import annotations

import pickle
import resource
import sys

from api.briefing.making import make
from api.briefing.order import Order
from spatial.errors import BadInput


def main() -> None:
    """Read the order and write what came of it."""
    megabytes, order = pickle.load(sys.stdin.buffer)
    assert isinstance(order, Order)
    most = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    try:
        answer: bytes | tuple[str, str] = make(order)
    except BadInput as error:
        answer = (error.en, error.vi)
    sys.stdout.buffer.write(pickle.dumps(answer))


main()
