"""Declarations from the officers' form: by its template, all or nothing, each once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from api.cli.database import create_database
from api.declarations.importing import COLUMNS, read_form, write_template
from layers.importing.problems import ImportFailed
from tests.conftest import command
from tests.db.test_sos_rules import owner

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
COMMUNES = [("1", "Phường Một"), ("2", "Xã Hai"), ("3", "Xã Ba"), ("4", "Phường Ba")]
GOOD = {
    "name": "Người Trong Tệp",
    "birth_year": 1970,
    "sex": "nữ",
    "phone": 905111222,
    "identity": "049 070 000 111",
    "commune_code": "xã hai",
    "symptoms": "Ho; sot",
    "contact": "không",
    "places": "1; Phường Ba",
    "elsewhere": "Đà Nẵng; Huế",
    "made_at": None,
}


def filled(path: Path, *rows: dict[str, Any], communes: list[tuple[str, str]] = COMMUNES) -> Path:
    """The template with rows written into it."""
    write_template(path, communes)
    book = openpyxl.load_workbook(path)
    for row in rows:
        whole = {**row, "made_at": row.get("made_at") or datetime.now()}
        book.worksheets[0].append([whole.get(name) for name in COLUMNS])
    book.save(path)
    return path


def test_a_filled_form_is_read(tmp_path: Path) -> None:
    read = read_form(filled(tmp_path / "a.xlsx", GOOD), COMMUNES, ZONE, 10)
    assert read.problems == []
    (one,) = read.read
    assert (one.sex, one.phone, one.identity) == ("female", "0905111222", "049070000111")
    assert (one.commune_code, one.places, one.symptoms) == ("2", ["1", "4"], ["cough", "fever"])
    assert (one.contact, one.elsewhere) == (False, ["Đà Nẵng", "Huế"])
    assert one.made_at.tzinfo is not None
    again = read_form(tmp_path / "a.xlsx", COMMUNES, ZONE, 10)
    assert again.read[0].id == one.id


def test_every_fault_is_told_by_row_and_column(tmp_path: Path) -> None:
    wrong = {
        "name": None, "birth_year": "70", "sex": "x", "phone": "gọi tôi", "identity": "1",
        "commune_code": "Ba", "symptoms": "đau", "contact": "có lẽ", "places": "Xã Không Có",
        "made_at": "hôm qua",
    }  # fmt: skip
    late = {**GOOD, "phone": "gọi tôi", "identity": "1", "made_at": "01/01/2021 10:00"}
    read = read_form(filled(tmp_path / "a.xlsx", GOOD, wrong, late), COMMUNES, ZONE, 10)
    assert (read.rows, read.bad, len(read.read)) == (3, 2, 1)
    told: dict[int, set[str | None]] = {}
    for problem in read.problems:
        told.setdefault(problem.line, set()).add(problem.column)
        assert problem.reason.vi
        assert problem.reason.en
    titles = {name: title.vi for name, (title, _) in COLUMNS.items()}
    assert told[3] == {titles[name] for name in wrong if name not in ("phone", "identity")}
    assert told[4] == {titles[name] for name in ("phone", "identity", "made_at")}


def test_files_that_are_no_form(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("Tên đường,Số nhà\nA,1\n", encoding="utf-8")
    with pytest.raises(ImportFailed, match="lacks columns: Full name"):
        read_form(other, COMMUNES, ZONE, 10)
    with pytest.raises(ImportFailed, match="no rows"):
        read_form(filled(tmp_path / "empty.xlsx"), COMMUNES, ZONE, 10)
    with pytest.raises(ImportFailed, match="more than 1 rows"):
        read_form(filled(tmp_path / "long.xlsx", GOOD, GOOD), COMMUNES, ZONE, 1)


def test_the_command_takes_all_or_nothing_and_each_once(
    cluster: Any, template_database: str, tmp_path: Path
) -> None:
    url = create_database(cluster, "declarations_import", template_database)
    communes = owner(
        url, "SELECT code, name FROM layer.admin_units WHERE level = 'commune' LIMIT 5"
    )
    good = {**GOOD, "commune_code": communes[0][0], "places": communes[1][0]}
    made = command(
        "declarations", "import", str(tmp_path / "t.xlsx"), "--template", database_url=url
    )
    assert made.returncode == 0, made.stderr
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]["A1"].value == "Họ và tên"
    mine = (
        "SELECT d.declared_by FROM private.declaration AS d JOIN private.person AS p"
        " ON p.id = d.person_id WHERE p.name = 'Người Trong Tệp'"
    )
    bad = filled(tmp_path / "bad.xlsx", good, {**good, "sex": "x"}, communes=communes)
    refused = command("declarations", "import", str(bad), database_url=url)
    assert refused.returncode == 2
    assert "1 of 2 rows" in refused.stderr
    assert owner(url, mine) == []
    fine = filled(tmp_path / "fine.xlsx", good, communes=communes)
    tried = command("declarations", "import", str(fine), "--dry-run", database_url=url)
    assert "dry run" in tried.stdout
    assert owner(url, mine) == []
    for new in (1, 0):
        done = command("declarations", "import", str(fine), database_url=url)
        assert f"{new} mới · new, {1 - new} đã có · known" in done.stdout, done.stderr
    assert owner(url, mine) == [("officer",)]
    owner(url, "UPDATE private.declaration SET received_at = now() - interval '9 days'")
    purged = command("declarations", "purge", "--keep-days", "8", database_url=url)
    assert purged.stdout.startswith("purged ")
    assert owner(url, "SELECT count(*) FROM private.declaration") == [(0,)]
