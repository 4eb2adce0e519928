"""The one-page brief: one sheet, in letters that are embedded, with the API's own figures."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg2
import pytest
from pypdf import PdfReader

from api.brief.writing import PASSED_OVER
from api.present import Presenter
from layers.province import load_province
from tests.conftest import RunServer, command
from tests.people import person

PROVINCE = load_province("quang-nam")
A4_MM = (210, 297)


def opened(content: bytes) -> tuple[PdfReader, str]:
    """The PDF and the text of its only page, with one space between words."""
    assert content.startswith(b"%PDF-")
    pdf = PdfReader(io.BytesIO(content), strict=True)
    assert len(pdf.pages) == 1
    box = pdf.pages[0].mediabox
    assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == A4_MM
    return pdf, " ".join(pdf.pages[0].extract_text().split())


def of_one_minute(
    client: httpx.Client, language: str, **headers: str
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The figures, those by district, and the text of the brief, all made for the same minute."""
    for _ in range(5):
        day = client.get("/api/figures", headers=headers).json()
        answer = client.get(f"/api/brief.pdf?lang={language}", headers=headers)
        areas = client.get("/api/figures/areas", headers=headers).json()
        assert answer.status_code == 200, answer.text
        if day["asOf"] == areas["asOf"]:
            return day, areas, opened(answer.content)[1]
    raise AssertionError("the minute changed five times")


def told(figure: dict[str, Any], presenter: Presenter) -> str:
    """A figure's number as the page should have it, written apart from the page's own code."""
    value = figure["value"]
    if figure["suppressed"]:
        return {"vi": "dưới 5", "en": "under 5"}[presenter.language]
    if figure["unit"] == "min":
        hours, minutes = divmod(round(value), 60)
        short = {"vi": ("giờ", "phút"), "en": ("h", "min")}[presenter.language]
        return f"{presenter.number(hours)} {short[0]} {minutes} {short[1]}"
    return presenter.number(value) + ("%" if figure["unit"] == "%" else "")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_figures_are_those_of_the_api(client: httpx.Client, language: str) -> None:
    presenter = Presenter(language, PROVINCE.time_zone, {})
    day, areas, text = of_one_minute(client, language)
    passed_over = [one for one in day["figures"] if one["id"] in PASSED_OVER]
    assert len(passed_over) == len(PASSED_OVER)
    for figure in passed_over:
        assert figure["title"][language] not in text
    for figure in (one for one in day["figures"] if one not in passed_over):
        row = f"{figure['title'][language]} {told(figure, presenter)}"
        assert row in text, figure
    sos = next(one for one in day["figures"] if one["id"] == "sos_opened_today")
    difference = sos["value"] - sos["before"]
    words = {"vi": ("tăng", "giảm", "không đổi"), "en": ("up", "down", "no change")}[language]
    way = words[2] if not difference else words[difference < 0]
    size = f" {presenter.number(abs(difference))}" if difference else ""
    assert f"{presenter.number(sos['value'])} {way}{size} (a)" in text
    for area in sorted(areas["areas"], key=lambda one: -one["values"]["sos_open"])[:3]:
        assert f"{area['name']} {presenter.number(area['values']['sos_open'])}" in text
    # Those that a column has room for.
    for breakdown in (one for one in day["breakdowns"] if one["title"][language] in text):
        for item in breakdown["items"]:
            assert f"{item['title'][language]} {presenter.number(item['value'])}" in text


def test_it_is_laid_out_as_an_official_document(client: httpx.Client) -> None:
    day, _, text = of_one_minute(client, "vi")
    year, month, date = day["day"].split("-")
    month = month if month in ("01", "02") else str(int(month))
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        f"Quảng Nam, ngày {date} tháng {month} năm {year}",
        "/BC-BCĐ",
        "BÁO CÁO Tình hình ứng phó dịch bệnh và thiên tai đến",
        "Nơi nhận:",
        "- Lưu: VT.",
        "CHÁNH VĂN PHÒNG",
        "DỮ LIỆU MÔ PHỎNG",
        "Dữ liệu mô phỏng, được tạo để trình diễn; không phải số liệu thật.",
        "Nguồn: cơ sở dữ liệu điều hành tỉnh Quảng Nam, các lớp “Yêu cầu cứu trợ SOS”",
    ):
        assert part in text
    assert text.index("UBND TỈNH QUẢNG NAM") < text.index("BÁO CÁO") < text.index("Nơi nhận")


def test_letters_are_embedded_and_the_map_is_drawn(client: httpx.Client) -> None:
    answer = client.get("/api/brief.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert re.search(
        r'inline; filename="bao-cao-quang-nam-\d{4}-\d\d-\d\d\.pdf"',
        answer.headers["content-disposition"],
    )
    assert len(answer.content) < 150_000
    pdf, _ = opened(answer.content)
    page = pdf.pages[0]
    fonts = page["/Resources"]["/Font"]
    for name in fonts:
        font = fonts[name]
        assert "Tinos" in font["/BaseFont"]
        assert "/FontFile2" in font["/DescendantFonts"][0]["/FontDescriptor"]
    drawn = page.get_contents().get_data()
    districts = len(client.get("/api/figures/areas").json()["areas"])
    # An area is filled and outlined by the even-odd rule; nothing else on the page is.
    assert len(re.findall(rb"\bB\*", drawn)) == districts > 10
    assert pdf.metadata is not None
    assert pdf.metadata.title.startswith("BÁO CÁO: ")
    assert pdf.root_object["/Lang"] == "vi"


def test_the_language_follows_the_reader(client: httpx.Client) -> None:
    answer = client.get("/api/brief.pdf", headers={"Accept-Language": "en"})
    assert answer.headers["content-language"] == "en"
    assert "Independence - Freedom - Happiness" in opened(answer.content)[1]


@pytest.mark.parametrize("query", ["lang=fr", "language=vi", "date=2021-08-17"])
def test_what_breaks_its_rule_is_refused(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/api/brief.pdf?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["detail"]


def test_it_is_remembered_until_a_figure_changes(
    fresh_database_url: str, run_server: RunServer
) -> None:
    with httpx.Client(base_url=run_server(fresh_database_url), timeout=30) as client:
        first = client.get("/api/brief.pdf")
        etag = first.headers["etag"]
        assert "sos_requests:" in etag
        assert "minute:" in etag
        before = client.get("/api/brief.pdf", headers={"If-None-Match": etag})
        assert before.status_code == 304 or before.headers["etag"] != etag
        connection = psycopg2.connect(fresh_database_url)
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO layer.sos_requests (id, category, priority, state, people,"
                " reported_at, geom_exact) VALUES (%s, 'trapped', 'high', 'new', 3, now(),"
                " ST_SetSRID(ST_MakePoint(108.334, 15.88), 4326))",
                (str(uuid4()),),
            )
        connection.close()
        time.sleep(0.5)
        after = client.get("/api/brief.pdf", headers={"If-None-Match": etag})
        assert after.status_code == 200
        presenter = Presenter("vi", PROVINCE.time_zone, {})
        figures = {one["id"]: one for one in client.get("/api/figures").json()["figures"]}
        count = presenter.number(figures["sos_open"]["value"])
        assert f"SOS đang mở {count}" in opened(after.content)[1]


def test_an_empty_province_has_a_page_that_says_so(
    empty_database_url: str, run_server: RunServer
) -> None:
    with httpx.Client(base_url=run_server(empty_database_url), timeout=30) as client:
        _, text = opened(client.get("/api/brief.pdf").content)
        assert "SOS đang mở 0" in text
        assert "MÔ PHỎNG" not in text


def test_people_are_kept_from_the_public_alone(
    empty_database_url: str, run_server: RunServer
) -> None:
    connection = psycopg2.connect(empty_database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO layer.sos_requests (id, category, priority, state, people, injured,"
            " reported_at, geom_exact) VALUES (%s, 'trapped', 'high', 'new', 4, 2, now(),"
            " ST_SetSRID(ST_MakePoint(108.334, 15.88), 4326))",
            (str(uuid4()),),
        )
    connection.close()
    staff = person(empty_database_url, "viewer").headers
    with httpx.Client(base_url=run_server(empty_database_url), timeout=30) as client:
        _, public = opened(client.get("/api/brief.pdf").content)
        assert "Người đang chờ cứu trợ dưới 5" in public
        assert "Số người dưới 5 không công bố." in public
        assert "bị thương" not in public
        answer = client.get("/api/brief.pdf", headers=staff)
        assert "private" in answer.headers["cache-control"]
        _, inside = opened(answer.content)
        assert "Người đang chờ cứu trợ 4" in inside
        assert "Người bị thương đang chờ 2" in inside


def test_a_page_that_takes_too_long_is_given_up(database_url: str, run_server: RunServer) -> None:
    address = run_server(database_url, {"DIEUHANH_BRIEF_SECONDS": "0.05"})
    answer = httpx.get(f"{address}/api/brief.pdf", timeout=30)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert httpx.get(f"{address}/readyz", timeout=30).status_code == 200


def test_the_command_writes_the_same_page(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "bao-cao.pdf"
    done = command("brief", str(file), database_url=database_url)
    assert done.returncode == 0, done.stderr
    assert "SOS đang mở" in opened(file.read_bytes())[1]
    english = tmp_path / "brief.pdf"
    assert command("brief", str(english), "--lang", "en", database_url=database_url).returncode == 0
    assert "SOS open now" in opened(english.read_bytes())[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["brief.txt"], "brief.txt: the name of a brief ends in .pdf"),
        (["nowhere/brief.pdf"], "there is no folder nowhere"),
        (["/tmp/brief.pdf", "--as", "nobody-here"], "nobody-here"),
    ],
)
def test_the_command_says_what_is_wrong(database_url: str, arguments: list[str], said: str) -> None:
    done = command("brief", *arguments, database_url=database_url)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
