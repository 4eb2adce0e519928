"""What the methods accept, and what they say of the rest."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.errors import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Flags = NDArray[np.bool_]

Inference = Literal["permutation", "normal"]
"""What the p-values of Gi* are taken from: all permutations of the values, or the normal
distribution."""

MAX_PAIRS = 50_000_000
"""Pairs of neighbours that a method may hold at once, about 1 GB."""


def points(xy: ArrayLike) -> Floats:
    """Positions as an array of n × 2 metres.

    Raises:
        BadInput: the array has another shape, or a coordinate is not a finite number.
    """
    found = np.asarray(xy, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != 2:
        raise BadInput(
            f"Positions must be pairs of x and y, not an array of shape {found.shape}.",
            f"Vị trí phải là các cặp x, y, không phải mảng có dạng {found.shape}.",
        )
    if not np.isfinite(found).all():
        raise BadInput(
            "A position holds a coordinate that is not a finite number.",
            "Có vị trí mà toạ độ không phải là số hữu hạn.",
        )
    return found


def numbers(values: ArrayLike, length: int | None = None, least: float = -np.inf) -> Floats:
    """Finite numbers, one for each unit.

    Raises:
        BadInput: there are not `length` of them, or one is infinite, NaN or below `least`.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or (length is not None and len(found) != length):
        wanted = "n" if length is None else str(length)
        raise BadInput(
            f"{wanted} values are needed, one for each unit, not shape {found.shape}.",
            f"Cần {wanted} giá trị, mỗi đơn vị một giá trị, không phải dạng {found.shape}.",
        )
    if not np.isfinite(found).all():
        raise BadInput("A value is not a finite number.", "Có giá trị không phải là số hữu hạn.")
    if len(found) and found.min() < least:
        raise BadInput(
            f"The value {found.min():.10g} is below {least:.10g}.",
            f"Giá trị {found.min():.10g} nhỏ hơn {least:.10g}.",
        )
    return found


def counts(values: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Whole numbers from 0, in the given shape.

    Raises:
        BadInput: the shape differs, or a value is negative or no whole number.
    """
    found = np.asarray(values)
    if found.shape != shape:
        raise BadInput(
            f"Counts must have the shape {shape}, not {found.shape}.",
            f"Số đếm phải có dạng {shape}, không phải {found.shape}.",
        )
    whole = found.astype(np.int64)
    if (whole != found).any() or (whole < 0).any():
        raise BadInput("Counts must be whole numbers from 0.", "Số đếm phải là số nguyên không âm.")
    return whole


def within(value: float, low: float, high: float, en: str, vi: str) -> None:
    """Check a parameter, which the sentence calls `en` or `vi`.

    Raises:
        BadInput: the value is not within the closed interval, or no number.
    """
    if not low <= value <= high:
        raise BadInput(
            f"{en} must be from {low:.10g} to {high:.10g}, not {value:.10g}.",
            f"{vi} phải từ {low:.10g} đến {high:.10g}, không phải {value:.10g}.",
        )


def positive(value: float, en: str, vi: str) -> None:
    """Check a parameter that must be a finite number above 0.

    Raises:
        BadInput: it is not.
    """
    if not 0 < value < np.inf:
        raise BadInput(
            f"{en} must be above 0, not {value:.10g}.",
            f"{vi} phải lớn hơn 0, không phải {value:.10g}.",
        )
