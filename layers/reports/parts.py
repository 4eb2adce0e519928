"""What records of reports have in common: fields, and SQL about districts."""

from __future__ import annotations

from layers.layer import CodeList, Text
from layers.reports.record import Field, Kind


def told(name: str, vi: str, en: str, codes: CodeList | None = None) -> Field:
    """A column of texts, or of codes."""
    return Field(name, Text(vi, en), codes=codes)


def count(name: str, vi: str, en: str) -> Field:
    """A column of whole numbers, summed below the table."""
    return Field(name, Text(vi, en), "count")


def of_kind(kind: Kind, name: str, vi: str, en: str) -> Field:
    """A column of another kind."""
    return Field(name, Text(vi, en), kind)


DISTRICT = told("district", "Huyện, thành phố", "District")

DISTRICTS = (
    "(SELECT u.code, u.name FROM layer.admin_units AS u WHERE u.level = 'district'"
    " AND (:district IS NULL OR u.code = :district))"
)
"""SQL of the districts that are reported on: `code`, `name`."""

BY_NAME = "dieuhanh.fold(d.name)"
"""SQL to order rows of districts `d` by."""


def here(row: str) -> str:
    """SQL that decides whether a row with a `district_code` is reported on."""
    return f"(:district IS NULL OR {row}.district_code = :district)"


def unit_name(row: str) -> str:
    """SQL of the name of a row's district."""
    return f"(SELECT u.name FROM layer.admin_units AS u WHERE u.code = {row}.district_code)"


def untouched(layer: str, row: str) -> str:
    """SQL that decides whether nobody has changed a feature in the period.

    What the server itself writes does not count: no login has a colon.
    """
    return (
        f"NOT EXISTS (SELECT FROM dieuhanh.history AS h WHERE h.layer = '{layer}'"
        f" AND h.feature_id = {row}.id::text AND h.at >= :since AND h.at < :until"
        " AND strpos(h.actor, ':') = 0)"
    )
