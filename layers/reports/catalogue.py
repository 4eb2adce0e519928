"""The reports of this product, found in the modules of `layers.reports.records`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from layers.reports import records
from layers.reports.record import Report
from layers.themes import THEMES
from spatial.sql import literal


def discover() -> Mapping[str, Report]:
    """The reports that the modules list in `REPORTS`, in the order of their themes."""
    found: dict[str, Report] = {}
    order = {theme.id: number for number, theme in enumerate(THEMES)}
    listed = [
        report
        for module in pkgutil.iter_modules(records.__path__)
        for report in import_module(f"{records.__name__}.{module.name}").REPORTS
    ]
    for report in sorted(listed, key=lambda one: order[one.theme.id]):
        if report.id in found:
            raise ValueError(f"two reports have the id {report.id}")
        found[report.id] = report
    return MappingProxyType(found)


REPORTS = discover()


def ddl() -> list[str]:
    """Statements that tell PostgreSQL who sends and who gathers each report."""
    rows = ", ".join(
        f"({literal(one.id)}, {literal(one.sender)},"
        f" ARRAY[{', '.join(literal(reader) for reader in one.readers)}]::text[])"
        for one in REPORTS.values()
    )
    return [
        "DELETE FROM dieuhanh.report_record",
        f"INSERT INTO dieuhanh.report_record (id, sender, readers) VALUES {rows}",
    ]
