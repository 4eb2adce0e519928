"""What a worker loads: each megabyte here is kept by every worker."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

HEAVY = (
    "folium",
    "fpdf",
    "fontTools",
    "pyarrow",
    "pyogrio",
    "rasterio",
    "openpyxl",
    "alembic",
    "psycopg2",
    "psycopg",
    "pygeoapi",
    "scipy",
    "sklearn",
)


def test_a_worker_loads_no_library_that_only_some_commands_need() -> None:
    code = f"import sys, api.cli, api.server; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
