"""`python -m layers.writing`: writes the file of a plan.

The plan comes pickled on standard input; pickled pairs go to standard output: `progress` with the
features written and in all, and at the end `written` with their number, `refused` or `failed` with
the error, `unavailable` with what the database said.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import Any

import psycopg2

from layers.writing.plan import ExportError, Plan
from layers.writing.reading import Job, reading


def write(job: Job) -> None:
    """Write the file of a job in the format its ending names."""
    # Each library is large, and a file needs one of them.
    ending = job.plan.path.suffix.lower()
    if ending in (".csv", ".geojson"):
        from layers.writing import text

        (text.write_csv if ending == ".csv" else text.write_geojson)(job)
    elif ending == ".xlsx":
        from layers.writing import workbook

        workbook.write_workbook(job)
    else:
        from layers.writing import arrow

        if ending == ".parquet":
            arrow.write_parquet(job)
        else:
            arrow.write_gdal(job, {".gpkg": "GPKG", ".fgb": "FlatGeobuf"}[ending])


def main() -> None:
    """Read the plan, write its file and tell how it went."""
    plan: Plan = pickle.load(sys.stdin.buffer)
    # What a library prints must not get between the messages.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)

        def tell(kind: str, what: Any) -> None:
            out.write(pickle.dumps((kind, what)))
            out.flush()

        try:
            with reading(plan, lambda done, total: tell("progress", (done, total))) as job:
                write(job)
                total = job.total
        except BrokenPipeError:
            return  # whoever wanted the file is gone
        except (ExportError, OSError) as error:
            tell("refused", error)
        except psycopg2.OperationalError as error:
            tell("unavailable", str(error).strip())
        except Exception as error:
            # As text: to read the error itself, its library would have to be loaded.
            tell("failed", f"{type(error).__name__}: {error}")
        else:
            tell("written", total)


main()
