"""Reports over HTTP: each record in each form, sending them, their pages and the command."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from pypdf import PdfReader

from api.reports.pdf import draw
from api.reports.workbook import write
from api.reports.writing import write_paper
from layers.province import load_province
from layers.reports.catalogue import REPORTS
from layers.roles import DISTRICT
from tests.conftest import command
from tests.http.conftest import Rows
from tests.http.test_people_pages import cookie_of, csrf_in, sign_in
from tests.people import PASSWORD, Person, person

PROVINCE = load_province("quang-nam")
HERE = "502"
TODAY = datetime.now(PROVINCE.time_zone).date()


@pytest.fixture(scope="module")
def leader(database_url: str) -> Person:
    return person(database_url, "viewer")


@pytest.fixture(scope="module")
def officer(database_url: str) -> Person:
    return person(
        database_url, "officer", departments=["district"], districts=[HERE], password=PASSWORD
    )


def words(text: str) -> str:
    """A text with one space between words, and no accents taken apart."""
    return re.sub(r"\s+", " ", text).strip()


def in_pdf(content: bytes) -> tuple[PdfReader, str]:
    pdf = PdfReader(io.BytesIO(content), strict=True)
    return pdf, words(" ".join(page.extract_text() for page in pdf.pages))


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_says_the_same_in_every_form(
    client: httpx.Client, leader: Person, name: str
) -> None:
    report = REPORTS[name]
    # Of one district where it is a district's, or long.
    query = {"district": HERE} if report.sender == DISTRICT or name == "control_points" else {}
    answer = client.get(f"/api/reports/{name}", params=query, headers=leader.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    content = answer.json()
    assert [one["id"] for one in content["tables"]] == [one.id for one in report.tables]
    period = report.period(TODAY, PROVINCE.time_zone)
    for language in ("vi", "en"):
        paper = write_paper(PROVINCE, report, content, period, None, language)
        for grid, table in zip(paper.grids, content["tables"], strict=True):
            assert all(grid.heads), "every column has a title in each language"
            assert len(grid.rows) == len(table["rows"])
    paper = write_paper(PROVINCE, report, content, period, None, "vi")
    pdf, text = in_pdf(draw(paper))
    box = pdf.pages[0].mediabox
    assert sorted(round(side / 72 * 25.4) for side in (box.width, box.height)) == [210, 297]
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BÁO CÁO",
        words(paper.heading.subject).split("(")[0],
        "DỮ LIỆU MÔ PHỎNG",
        "Nơi nhận:",
        "Phụ lục 1. Người nhập số liệu",
        "Phụ lục 2. Số liệu còn thiếu",
        *(words(grid.title) for grid in paper.grids),
    ):
        assert part in text, part
    book = openpyxl.load_workbook(io.BytesIO(write(paper)))
    assert len(book.worksheets) == len(paper.grids) + 2
    for sheet, grid in zip(book.worksheets, (*paper.grids, *paper.appendix), strict=True):
        rows = list(sheet.iter_rows(min_row=10, values_only=True))
        assert rows[0][: len(grid.heads) + 1] == ("TT", *grid.heads)
        for at, kind in enumerate(grid.kinds):
            cells = [row[at + 1] for row in rows[1 : len(grid.rows) + 1]]
            given = [row[at] for row in grid.rows]
            if kind == "percent":
                cells = [None if one is None else round(one * 100, 1) for one in cells]
            if kind == "day":
                cells = [one.date() for one in cells]
            assert cells == given
        if grid.totals is not None:
            last = rows[len(grid.rows) + 1]
            assert [c for c, k in zip(last[1:], grid.kinds, strict=False) if k == "count"] == [
                c for c, k in zip(grid.totals, grid.kinds, strict=True) if k == "count"
            ]
        assert sheet.print_title_rows == "$10:$10"
        assert sheet.page_setup.fitToWidth == 1


def test_numbers_are_those_of_the_tables(client: httpx.Client, leader: Person, rows: Rows) -> None:
    def totals(name: str, table: str) -> dict[str, int]:
        content = client.get(f"/api/reports/{name}", headers=leader.headers).json()
        found = next(one for one in content["tables"] if one["id"] == table)
        heads = [column["name"] for column in found["columns"]]
        return dict(zip(heads, found["totals"], strict=True))

    told = totals("medical_facilities", "districts")
    known = rows(
        "SELECT count(*), sum(beds), sum(icu_free) FROM layer.medical_facilities"
        " WHERE state <> 'closed'"
    )[0]
    assert (told["facilities"], told["beds"], told["icu_free"]) == tuple(known)
    midnight = datetime.combine(TODAY, datetime.min.time(), PROVINCE.time_zone)
    told = totals("rescue", "districts")
    known = rows(
        "SELECT count(*) FILTER (WHERE reported_at >= :since AND reported_at < :until),"
        " count(*) FILTER (WHERE state NOT IN ('resolved', 'cancelled', 'duplicate', 'false'))"
        " FROM layer.sos_requests WHERE district_code IS NOT NULL",
        since=midnight,
        until=midnight + timedelta(1),
    )[0]
    assert (told["reported"], told["open"]) == tuple(known)
    told = totals("control_points", "districts")
    known = rows(
        "SELECT coalesce(sum(n_in), 0), coalesce(sum(declared), 0)"
        " FROM private.check_in_hours AS h"
        " JOIN private.check_in_site AS s USING (site)"
        " WHERE hour >= :since AND hour < :until AND s.district_code IS NOT NULL",
        since=midnight,
        until=midnight + timedelta(1),
    )[0]
    assert (told["n_in"], told["declared"]) == tuple(known)


def test_who_entered_it_and_what_is_missing(
    client: httpx.Client, database_url: str, leader: Person, rows: Rows
) -> None:
    """A report of a facility is an entry of who made it, and what had been missing is not."""
    health = person(database_url, "officer", departments=["health"])
    address = "/api/reports/medical_facilities"
    code = rows(
        "SELECT code FROM layer.medical_facilities WHERE state = 'open'"
        " ORDER BY reported_at LIMIT 1"
    )[0][0]
    # Of tomorrow nobody has reported yet.
    query = {"from": str(TODAY + timedelta(1)), "to": str(TODAY + timedelta(1))}
    late = client.get(address, params=query, headers=leader.headers).json()["missing"]["rows"]
    assert any(row[2].startswith(code) for row in late)
    sent = client.post(
        f"/api/facilities/{code}/report", json={"oxygen_h": 41}, headers=health.headers
    )
    assert sent.status_code == 200, sent.text
    content = client.get(address, headers=leader.headers).json()
    assert not any(row[2].startswith(code) for row in content["missing"]["rows"])
    mine = [row for row in content["entered"]["rows"] if row[2] == health.login]
    assert [(row[3]["en"], row[4]) for row in mine] == [("Department officer", 1)]


def test_an_officer_sends_and_corrects(
    client: httpx.Client, officer: Person, leader: Person
) -> None:
    day = "2021-03-05"
    address = "/api/reports/declarations"
    body: dict[str, Any] = {"day": day, "district": HERE}
    first = client.post(f"{address}/sent", json=body, headers=officer.headers)
    assert (first.status_code, first.json()["version"], first.json()["late"]) == (201, 1, True)
    again = client.post(f"{address}/sent", json=body, headers=officer.headers)
    assert (again.status_code, again.json()["by"]) == (409, officer.login)
    silent = client.post(f"{address}/sent", json={**body, "version": 1}, headers=officer.headers)
    assert silent.status_code == 422
    note = {**body, "version": 1, "note": "Đính chính thử"}
    assert client.post(f"{address}/sent", json=note, headers=officer.headers).status_code == 201
    listed = client.get("/api/reports", params={"day": day}, headers=leader.headers).json()
    states = {(one["report"], one["district"]): one for one in listed["reports"]}
    mine = states["declarations", HERE]
    assert (mine["state"], mine["version"], mine["note"]) == ("sent_late", 2, "Đính chính thử")
    assert states["declarations", "503"]["state"] == "missing"
    assert not mine["may_send"]
    old = client.get(
        address, params={"day": day, "district": HERE, "version": 1}, headers=leader.headers
    ).json()
    assert (old["sent"]["version"], old["sent"]["sent_by"]) == (
        1,
        officer.login,
    )
    assert [one["version"] for one in old["versions"]] == [2, 1]
    pdf = client.get(
        f"{address}.pdf",
        params={"day": day, "district": HERE, "version": 2},
        headers=leader.headers,
        timeout=60,
    )
    assert pdf.headers["Content-Type"] == "application/pdf"
    text = in_pdf(pdf.content)[1]
    assert "Bản 2, gửi lúc" in text
    assert "Ghi chú: Đính chính thử" in text
    assert "ỦY BAN NHÂN DÂN THÀNH PHỐ TAM KỲ" in text
    assert "Tam Kỳ, ngày" in text
    table = client.get(
        f"{address}.csv",
        params={"day": day, "district": HERE, "table": "flags"},
        headers=leader.headers,
    )
    assert table.text.splitlines()[0].startswith('"Huyện, thành phố",Mới trong kỳ')
    book = client.get(
        f"{address}.xlsx", params={"district": HERE}, headers=leader.headers, timeout=60
    )
    assert openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]["A5"].value == "BÁO CÁO"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/reports?day=2021-13-01", 400),
        ("/api/reports?when=now", 400),
        ("/api/reports/nothing", 404),
        ("/api/reports/declarations", 403),
        ("/api/reports/declarations?district=503", 403),
        ("/api/reports/declarations?district=1", 400),
        ("/api/reports/declarations?district=502&version=9", 404),
        ("/api/reports/declarations?district=502&from=2021-08-02&to=2021-08-01", 400),
        ("/api/reports/declarations?district=502&from=2019-08-02&to=2021-08-01", 400),
        ("/api/reports/declarations.csv?district=502&table=x", 400),
        ("/api/reports/rescue?district=502", 200),
        ("/api/reports/rescue", 403),
    ],
)
def test_what_an_officer_asks_for(
    client: httpx.Client, officer: Person, address: str, status: int
) -> None:
    answer = client.get(address, headers=officer.headers)
    assert answer.status_code == status, answer.text
    assert client.get(address).status_code == 401


def test_the_pages_without_a_script(client: httpx.Client, server: str, officer: Person) -> None:
    with httpx.Client(base_url=server, timeout=60) as browser:
        assert browser.get("/reports").headers["Location"].startswith("/sign-in?next=")
        browser.headers.update(cookie_of(sign_in(server, officer)))
        listed = browser.get("/reports")
        assert listed.status_code == 200
        assert "Khai báo y tế và cảnh báo" in listed.text
        address = f"/reports/declarations?day=2021-03-09&district={HERE}"
        page = browser.get(address)
        form = {
            "csrf": csrf_in(page),
            "day": "2021-03-09",
            "district": HERE,
            "version": "0",
            "note": "",
        }
        forged = browser.post("/reports/declarations", data={**form, "csrf": "x"})
        assert forged.status_code == 403
        done = browser.post("/reports/declarations", data=form)
        assert done.status_code == 303
        shown = browser.get(done.headers["Location"])
        assert "Đã gửi báo cáo." in shown.text
        assert officer.login in shown.text
        late = browser.post("/reports/declarations", data=form)
        assert late.status_code == 409
        assert "hãy xem lại trước khi gửi" in late.text


def test_the_command(database_url: str, tmp_path: Path) -> None:
    listed = command("report", "list", database_url=database_url)
    assert all(name in listed.stdout for name in REPORTS)
    file = tmp_path / "ngay.xlsx"
    made = command(
        *("report", "make", "rescue", "--district", HERE, "-o", str(file)),
        database_url=database_url,
    )
    assert made.returncode == 0, made.stderr
    assert openpyxl.load_workbook(file).worksheets[0]["A11"].value == 1
    missing = command("report", "missing", "medical_facilities", database_url=database_url)
    assert "missing" in missing.stdout
    for wrong in (
        ("report", "make", "nothing", "-o", str(file)),
        ("report", "make", "rescue", "--from", "hôm qua", "-o", str(file)),
        ("report", "make", "rescue", "--district", "1", "-o", str(file)),
    ):
        refused = command(*wrong, database_url=database_url)
        assert refused.returncode == 2
        assert len(refused.stderr.strip().splitlines()) == 1
