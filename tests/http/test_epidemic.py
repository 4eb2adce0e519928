"""The epidemic over HTTP: reports and their corrections, samples, figures, levels of risk."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from tests.conftest import command
from tests.http.register import Ward, ward

__all__ = ["ward"]

REPORTS = "/api/epidemic/reports"
SAMPLES = "/api/registers/samples"
NEAR, FAR = "503", "515"
XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@pytest.fixture(scope="module", autouse=True)
def _empty(ward: Ward) -> None:
    """No reports, samples and coverage but those of these tests."""
    for table in ("register.case_reports", "register.samples", "private.reported_coverage"):
        ward.sql(f"DELETE FROM {table}")
    ward.sql("TRUNCATE register.vaccinations CASCADE")


def today(ward: Ward) -> date:
    ((found,),) = ward.sql("SELECT dieuhanh.today()")
    assert isinstance(found, date)
    return found


def communes(ward: Ward, district: str = NEAR) -> list[tuple[str, str]]:
    return ward.sql(
        "SELECT code, name FROM layer.admin_units WHERE parent_code = %s AND level = 'commune'"
        " ORDER BY code", district
    )  # fmt: skip


def report(ward: Ward, day: date, *rows: dict[str, Any], who: str = "district", **more: Any) -> Any:
    return ward.send("POST", REPORTS, who, {"day": day.isoformat(), "rows": list(rows), **more})


def reported(ward: Ward, commune: str, day: date) -> tuple[int, int, int] | None:
    rows = ward.sql(
        "SELECT community, isolated, deaths FROM register.case_reports"
        " WHERE commune_code = %s AND day = %s", commune, day
    )  # fmt: skip
    return rows[0] if rows else None  # type: ignore[return-value]


def test_a_correction_takes_a_reason_and_its_history_is_kept(ward: Ward) -> None:
    (commune, _), day = communes(ward)[0], today(ward)
    made = report(ward, day, {"commune": commune, "community": 3, "deaths": 1})
    assert made.json() == {
        "read": 1, "new": 1, "corrected": 0, "same": 0, "bad": 0, "problems": [], "written": True
    }  # fmt: skip
    assert report(ward, day, {"commune": commune, "community": 3}).json()["same"] == 1
    refused = report(ward, day, {"commune": commune, "community": 5})
    assert refused.status_code == 422
    (problem,) = refused.json()["problems"]
    assert "lý do" in problem["rule"]["vi"]
    assert reported(ward, commune, day) == (3, 0, 1)
    again = report(ward, day, {"commune": commune, "community": 5}, reason="Đếm sót hai ca")
    assert (again.json()["corrected"], reported(ward, commune, day)) == (1, (5, 0, 1))
    ((row,),) = ward.sql(
        "SELECT id::text FROM register.case_reports WHERE commune_code = %s AND day = %s",
        commune, day,
    )  # fmt: skip
    register = f"/api/registers/case_reports/{row}"
    assert ward.send("POST", f"{register}/correct", "district", {"community": 4}).status_code == 422
    corrected = ward.send(
        "POST", f"{register}/correct", "health", {"community": 4, "reason": "Trùng một ca"}
    )
    assert corrected.status_code == 200, corrected.text
    first, second, _ = ward.get(f"{register}/history", "district")["changes"]
    told = {one["column"]: (one["before"], one["after"]) for one in first["changes"]}
    assert told == {"community": (5, 4), "reason": ("Đếm sót hai ca", "Trùng một ca")}
    assert (first["actor"], second["actor"]) == (
        ward.people["health"].login, ward.people["district"].login
    )  # fmt: skip
    assert ward.send("PATCH", register, "district", {"community": 9}).status_code in (403, 422)


def test_reports_are_for_the_own_communes_and_days_that_have_come(ward: Ward) -> None:
    day = today(ward)
    (near, _), (far, _) = communes(ward)[1], communes(ward, FAR)[0]
    answer = report(
        ward, day, {"commune": near, "community": 1}, {"commune": far, "community": 1},
        {"commune": "no-such", "community": 1}, {"commune": near, "isolated": 1},
    )  # fmt: skip
    problems = {one["line"]: one["rule"]["en"] for one in answer.json()["problems"]}
    assert problems == {
        2: "a commune outside of your part",
        3: "there is no such commune",
        4: "the commune has two rows of this day",
    }
    assert reported(ward, near, day) is None
    ahead = report(ward, day + timedelta(1), {"commune": near, "community": 1})
    assert ahead.json()["problems"][0]["rule"]["en"] == "the day has not come yet"
    assert report(ward, day, {"commune": near, "community": -1}).status_code == 422
    assert report(ward, day, {"commune": near, "community": 1}, who="viewer").status_code == 403
    assert report(ward, day, {"commune": near}, who="telecom").status_code == 403
    assert ward.send("POST", REPORTS, None, {}).status_code == 401
    late = report(ward, day - timedelta(3), {"commune": near, "community": 2})
    assert late.json()["written"]
    rows = ward.get("/api/registers/case_reports?is_late=true", "district")["rows"]
    assert [(one["commune_code"], one["community"]) for one in rows] == [(near, 2)]


def test_the_form_is_taken_as_a_whole_or_not_at_all(ward: Ward) -> None:
    got = ward.send("GET", f"{REPORTS}/form.xlsx?days=3", "district")
    book = openpyxl.load_workbook(io.BytesIO(got.content))
    sheet = book.worksheets[0]
    day = today(ward)
    assert [one.value for one in sheet[1]][2:] == [
        f"{day - timedelta(back):%d/%m/%Y}" for back in (2, 1, 0)
    ]
    own = communes(ward)
    assert {one.value for one in sheet["A"][1:]} == {code for code, _ in own}
    # By name alone, without a code, as many a form on paper has it; and a line of sums.
    (code, name) = (sheet["A3"].value, sheet["B3"].value)
    sheet["A3"] = None
    sheet["C2"], sheet["D3"], sheet["D4"] = 7, 0, "nhiều"
    sheet.append([None, "Tổng cộng", 7, 7, 7])

    def send(query: str = "") -> Any:
        kept = io.BytesIO()
        book.save(kept)
        return ward.send(
            "POST", f"{REPORTS}/import{query}", "district", headers=XLSX, content=kept.getvalue()
        )

    refused = send()
    assert refused.status_code == 422
    (problem,) = refused.json()["problems"]
    assert (problem["line"], problem["value"]) == (4, "nhiều")
    assert reported(ward, str(sheet["A2"].value), day - timedelta(2)) is None
    sheet["D4"] = 2.0
    dry = send("?dry_run=true&measure=isolated").json()
    assert (dry["new"], dry["written"]) == (3, False)
    assert send("?measure=isolated").json()["written"]
    assert reported(ward, str(sheet["A2"].value), day - timedelta(2)) == (0, 7, 0)
    assert reported(ward, str(code), day - timedelta(1)) == (0, 0, 0)
    assert name
    sheet["C1"] = "cột khác"
    sheet["D1"] = sheet["E1"] = "31/02/2021"
    assert send().status_code == 400


@pytest.fixture(scope="module")
def site(ward: Ward) -> str:
    ((made,),) = ward.sql(
        "INSERT INTO layer.testing_sites (code, name, kind, geom)"
        " SELECT 'XN-THU', 'Điểm thử', 'fixed', ST_PointOnSurface(geom) FROM dieuhanh.admin_piece"
        " WHERE district_code = %s ORDER BY ST_Area(geom) DESC LIMIT 1 RETURNING id", NEAR
    )  # fmt: skip
    return f"testing_sites/{made}"


def sample(ward: Ward, site: str, who: str = "district", **values: Any) -> Any:
    given = {"code": f"M-{uuid4().hex[:8]}", "place": site, "method": "pcr", **values}
    return ward.send("POST", SAMPLES, who, given)


def test_a_positive_sample_becomes_a_case_once(ward: Ward, site: str) -> None:
    (commune, _), day = communes(ward)[2], today(ward)
    made = sample(ward, site, name="Lê Thị Thử", phone="0905111222", home_commune=commune)
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row["sample_state"], row["name"], row["pool_size"]) == ("waiting", "Lê Thị Thử", 1)
    address = f"{SAMPLES}/{row['id']}"
    early = ward.send("POST", f"{address}/report", "district", {"found": "community"})
    assert early.status_code == 409
    positive = ward.send("PATCH", address, "district", {"result": "positive"}).json()
    assert (positive["sample_state"], positive["hours"]) == ("to_report", 0.0)
    flags = ward.get("/api/declarations/flags?kind=positive", "district")["flags"]
    (flag,) = [one for one in flags if one["person"]["name"] == "Lê Thị Thử"]
    assert (flag["sample"]["code"], flag["district_code"]) == (row["code"], NEAR)
    before = reported(ward, commune, day)
    done = ward.send("POST", f"{address}/report", "district", {"found": "community"})
    assert done.status_code == 200, done.text
    assert (done.json()["sample_state"], done.json()["case_day"]) == ("reported", day.isoformat())
    assert reported(ward, commune, day) == ((before or (0, 0, 0))[0] + 1, 0, 0)
    twice = ward.send("POST", f"{address}/report", "district", {"found": "community"})
    assert twice.status_code == 409
    changed = ward.send("PATCH", address, "district", {"result": "negative"})
    assert changed.status_code == 409
    assert ward.send("GET", address, "far").status_code == 404
    assert ward.send("GET", address, "viewer").status_code == 403


def test_a_pool_names_nobody_and_is_no_case(ward: Ward, site: str) -> None:
    assert sample(ward, site, pool_size=5, name="Ai đó").status_code in (409, 422)
    pool = sample(ward, site, pool_size=5, result="positive")
    assert pool.status_code == 201, pool.text
    address = f"{SAMPLES}/{pool.json()['id']}"
    assert pool.json()["name"] is None
    refused = ward.send("POST", f"{address}/report", "district", {"found": "community"})
    assert refused.status_code == 409
    renamed = ward.send("PATCH", address, "district", {"name": "Ai đó"})
    assert renamed.status_code == 422
    future = (today(ward) + timedelta(2)).isoformat()
    assert sample(ward, site, taken_at=f"{future}T08:00:00+07:00").status_code == 422


def test_a_sheet_of_samples_is_taken_at_once_and_faults_are_found(ward: Ward, site: str) -> None:
    mark = uuid4().hex[:6]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Mã mẫu", "Họ và tên", "Điện thoại", "Xã, phường nơi ở", "Số người gộp",
                  "Điểm xét nghiệm", "Phương pháp", "Kết quả"])  # fmt: skip
    longest = max((name for _, name in communes(ward)), key=len)
    for number in range(1200):
        person = [f"Người {number}", f"09{number:08d}", longest] if number % 3 else [None] * 3
        sheet.append([f"{mark}-{number}", *person, 1, "XN-THU", "Kháng nguyên nhanh", "Âm tính"])

    def send(query: str = "") -> Any:
        kept = io.BytesIO()
        book.save(kept)
        return ward.send(
            "POST", f"{SAMPLES}/import{query}", "district", headers=XLSX, content=kept.getvalue()
        )

    sheet["A900"], sheet["E1000"], sheet["G30"] = f"{mark}-0", 9, "đoán"
    sheet["B1000"] = "Người của mẫu gộp"
    refused = send()
    assert refused.status_code == 422
    assert [one["line"] for one in refused.json()["problems"]] == [30, 900, 1000]
    count = "SELECT count(*), count(person_id) FROM register.samples WHERE code LIKE %s"
    assert ward.sql(count, f"{mark}-%") == [(0, 0)]
    sheet["A900"], sheet["E1000"], sheet["G30"] = f"{mark}-898", 1, "pcr"
    taken = send().json()
    assert (taken["read"], taken["bad"], taken["written"]) == (1200, 0, True)
    assert ward.sql(count, f"{mark}-%") == [(1200, 800)]


def test_the_public_is_not_told_of_few_and_staff_are_told_of_all(ward: Ward, site: str) -> None:
    last = today(ward) - timedelta(1)
    (few, _), (many, _) = communes(ward, FAR)[:2]
    ward.sql("DELETE FROM register.case_reports WHERE district_code = %s", FAR)
    report(ward, last, {"commune": few, "community": 2}, who="far")
    told = ward.client.get("/api/epidemic/figures?days=30").json()
    area = {one["code"]: one for one in told["areas"]}[FAR]
    assert (area["week"], area["before"], told["audience"]) == (None, 0, "public")
    assert "to_report" not in told
    assert ward.client.get(f"/api/epidemic/figures?unit={FAR}").status_code == 401
    report(ward, last, {"commune": many, "community": 4, "isolated": 3}, who="far")
    told = ward.client.get("/api/epidemic/figures?days=30").json()
    assert {one["code"]: one["week"] for one in told["areas"]}[FAR] == 9
    found = ward.get(f"/api/epidemic/figures?unit={FAR}&days=7", "viewer")
    assert {one["code"]: one["week"] for one in found["areas"]}[few] == 2
    assert found["days"][-1] | {"smoothed": 0, "rt": 0} == {
        "day": last.isoformat(), "community": 6, "isolated": 3, "deaths": 0, "reports": 2,
        "smoothed": 0, "rt": 0,
    }  # fmt: skip
    missing = ward.send("GET", "/api/epidemic/figures?unit=zz", "viewer")
    assert missing.status_code == 404
    for wrong in ("days=3", "unit=%27", "day=1"):
        assert ward.send("GET", f"/api/epidemic/figures?{wrong}", "viewer").status_code == 400
    text = ward.client.get("/api/epidemic/areas.csv").content.decode("utf-8-sig")
    assert {one["code"]: one["week"] for one in csv.DictReader(io.StringIO(text))}[FAR] == "9"
    assert ward.client.get("/api/epidemic/none.csv").status_code == 404


def cover(ward: Ward, folder: Path, *lines: str) -> None:
    """Take coverage by the command, which refuses what is none, and then takes nothing."""
    file = folder / "coverage.csv"
    head = "commune_code,day,adults_percent,elders_percent"
    for wrong in ("no-such,2021-08-15,1,1", lines[0].replace("80", "180"), "x,15/08,1,"):
        file.write_text("\n".join([head, *lines, wrong]))
        refused = command("epidemic", "coverage", str(file), database_url=ward.url)
        assert (refused.returncode, "dòng 4" in refused.stderr) == (2, True)
    assert ward.sql("SELECT count(*) FROM private.reported_coverage") == [(0,)]
    file.write_text("\n".join([head, *lines]))
    assert command("epidemic", "coverage", str(file), database_url=ward.url).returncode == 0


def vaccinate(ward: Ward, folder: Path, commune: str, *, adults: int, of: int) -> None:
    """Record a dose of some adults of a commune, and say by the command how many live there."""
    ward.sql(
        "WITH made AS (INSERT INTO private.person (name, birth_year, commune_code)"
        " SELECT 'Người tiêm ' || n, 1980, %s FROM generate_series(1, %s) AS n RETURNING id)"
        " INSERT INTO register.vaccinations (person_id, place, number, vaccine, given_at)"
        " SELECT id, 'elsewhere', 1, 'pfizer', now() - interval '2 days' FROM made",
        commune, adults,
    )  # fmt: skip
    file = folder / "residents.csv"
    file.write_text(f"commune_code,day,adults,elders\n{commune},2021-08-15,{of},\n")
    told = command("epidemic", "residents", str(file), database_url=ward.url)
    assert told.returncode == 0, told.stderr


def test_levels_follow_from_the_numbers_and_each_day_is_kept(ward: Ward, tmp_path: Path) -> None:
    day = today(ward)
    (calm, _), (bad, _), (dark, _) = communes(ward, FAR)[:3]
    ward.sql("DELETE FROM register.case_reports WHERE district_code = %s", FAR)
    ward.sql(
        "UPDATE layer.admin_units SET population = 10000 WHERE code = ANY (%s)",
        [calm, bad, dark],
    )
    cover(ward, tmp_path, f"{calm},{day - timedelta(9)},80,90", f"{bad},{day - timedelta(9)},80,60")
    report(
        ward, day - timedelta(1), {"commune": calm, "community": 3},
        {"commune": bad, "community": 6}, {"commune": dark, "community": 20}, who="far",
    )  # fmt: skip
    # Too long ago to count.
    report(ward, day - timedelta(8), {"commune": calm, "community": 500}, who="far")
    done = command("epidemic", "compute", database_url=ward.url)
    assert done.returncode == 0, done.stderr
    levels = {one["commune"]: one for one in ward.client.get("/api/epidemic/risk").json()["levels"]}
    assert (levels[calm]["level"], levels[calm]["coverage"]) == ("level_1", "reached")
    # Six of 10,000 are 60 of 100,000: the third class, reached; old people are not covered.
    assert (levels[bad]["level"], levels[bad]["is_raised"], levels[bad]["rate"]) == (
        "level_3", True, 60.0
    )  # fmt: skip
    assert (levels[dark]["level"], levels[dark]["level_if_covered"]) == ("level_4", "level_3")
    assert levels[dark]["coverage"] == "unknown"
    assert (levels[calm]["coverage_source"], levels[calm]["coverage_day"]) == (
        "reported", (day - timedelta(9)).isoformat()
    )  # fmt: skip
    assert levels[dark]["coverage_source"] is None
    assert levels[calm]["cases"] is None
    staff = {one["commune"]: one for one in ward.get("/api/epidemic/risk", "viewer")["levels"]}
    assert staff[calm]["cases"] == 3
    item = f"/ogc/collections/risk_levels/items/{bad}"
    told = ward.client.get(item).json()["properties"]
    assert (told["level"], told["rate_told"], "cases" in told) == ("level_3", 60.0, False)
    ward.sql("UPDATE register.risk_day SET day = day - 1")
    vaccinate(ward, tmp_path, bad, adults=8, of=10)
    report(ward, day - timedelta(1), {"commune": bad, "community": 0}, who="far", reason="Sai xã")
    assert command("epidemic", "compute", database_url=ward.url).returncode == 0
    now, then = (
        {one["commune"]: one["level"] for one in ward.client.get(address).json()["levels"]}[bad]
        for address in (
            "/api/epidemic/risk",
            f"/api/epidemic/risk?on={day - timedelta(1)}",
        )
    )
    assert (now, then) == ("level_1", "level_3")
    text = ward.client.get("/api/epidemic/risk.csv").content.decode("utf-8-sig")
    row = {one["commune"]: one for one in csv.DictReader(io.StringIO(text))}[bad]
    assert (row["adults_percent"], row["coverage_source"], row["coverage_day"]) == (
        "80", "doses", (day - timedelta(1)).isoformat()
    )  # fmt: skip
    told = ward.client.get(item).json()["properties"]
    assert (told["adults_percent"], told["coverage_source"]) == (80, "doses")
    found = ward.get(f"/api/epidemic/figures?unit={FAR}", "viewer")
    assert found["estimate"]["growth"] is None
    assert "Quá ít ca" in found["estimate"]["why"]["vi"]
    assert found["days"][-1]["smoothed"] == pytest.approx(23 / 7, abs=0.001)


def test_forgotten_samples_stay_counted(ward: Ward, site: str) -> None:
    ward.sql("DELETE FROM register.samples")
    old = today(ward) - timedelta(3)
    ward.sql(
        "INSERT INTO register.samples (place, code, method, taken_at, result, resulted_at)"
        " SELECT %s, 'CU-' || n, 'pcr', %s::timestamptz + interval '5 hours',"
        " CASE WHEN n <= 6 THEN 'positive' ELSE 'negative' END,"
        " %s::timestamptz + interval '9 hours'"
        " FROM generate_series(1, 40) AS n",
        site, old, old,
    )  # fmt: skip

    def seen() -> list[Any]:
        days = ward.get("/api/epidemic/figures?days=7", "viewer")["testing"]
        return [one for one in days if one["day"] == old.isoformat()]

    before = seen()
    assert before == [
        {"day": old.isoformat(), "samples": 40, "tested": 40, "positive": 6, "hours": 4.0}
    ]
    assert ward.sql("SELECT private.purge_samples(1, 25), private.purge_samples(1, 25)") == [
        (25, 15)
    ]
    assert ward.sql("SELECT count(*) FROM register.samples") == [(0,)]
    assert seen() == before
    told = ward.client.get("/api/epidemic/figures?days=7").json()["testing"]
    assert [(one["tested"], one["positive"]) for one in told] == [(40, 6)]
