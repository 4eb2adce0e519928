"""The abstract tests of the standards: which test of ours is which of theirs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

SPEC = "http://www.opengis.net/spec"


def abstract(conformance_class: str, *tests: str) -> Callable[[Test], Test]:
    """Mark a test as abstract tests of a conformance class.

    Args:
        conformance_class: e.g. `ogcapi-features-1/1.0/conf/core`.
        tests: the last parts of the tests' identifiers, e.g. `fc-op`.
    """

    def mark(test: Test) -> Test:
        own = tuple(f"{SPEC}/{conformance_class}/{name}" for name in tests)
        marked = (*getattr(test, "abstract_tests", ()), *own)
        test.abstract_tests = marked  # type: ignore[attr-defined]
        return test

    return mark


def identifiers() -> set[str]:
    """The identifiers that the tests of this folder are marked with."""
    found: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for member in vars(import_module(f"tests.http.{path.stem}")).values():
            found.update(getattr(member, "abstract_tests", ()))
    return found
