"""The notebook in `docs/`, run from top to bottom against the real server."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs" / "notebooks" / "hotspots.ipynb"


def said(cell: Any) -> str:
    """What a cell printed."""
    return "".join(one.text for one in cell.outputs if one.output_type == "stream")


# A kernel of its own, geopandas and two maps: some ten seconds.
def test_the_notebook_goes_from_the_data_to_hotspots(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    monkeypatch.setenv("DIEUHANH_ADDRESS", server)
    NotebookClient(notebook, timeout=240, kernel_name="python3").execute()
    printed = "".join(map(said, code))
    assert "2,000 yêu cầu" in printed
    assert "Gi*, q: bằng nhau" in printed
    assert "p: như khi rút mẫu" in printed
    assert f"{server}/briefing/" in printed
    pictures = [one for cell in code for one in cell.outputs if "image/png" in one.get("data", {})]
    assert len(pictures) == 2
