"""What is wrong with a filter."""

from __future__ import annotations

from spatial.errors import BadInput, shown

__all__ = ["BadFilter", "shown"]


class BadFilter(BadInput):
    """A filter does not parse, or cannot be applied to these queryables."""
