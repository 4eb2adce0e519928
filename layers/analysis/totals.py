"""The process that counts and adds up by unit and period."""

from __future__ import annotations

from typing import Any

from layers.analysis.inputs import SummaryInputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, table


def summary(inputs: SummaryInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """Counts, and sums of a column, by unit and period."""
    column = None if inputs.value == "count" else inputs.value
    units = reader.units(inputs.by)
    names = dict(zip(units.codes, units.names, strict=True))
    rows = [
        {
            "unit": code,
            "name": names.get(code),
            **({} if inputs.period is None else {"period": start}),
            "n": count,
            **({} if column is None else {"sum": total}),
        }
        for code, count, total, start in reader.counted(inputs.by, column, inputs.period)
    ]
    step(0.9)
    total = sum(row["n"] for row in rows)
    return table(rows, summary={"n": total, "rows": len(rows)}, provenance=told)
