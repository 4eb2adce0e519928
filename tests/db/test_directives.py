"""Directives in the database: areas made of units, what replaces what, words, who reads files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import psycopg2
import psycopg2.errors
import pytest

from api.cli.database import create_database
from layers.catalogue import CATALOGUE
from layers.documents import files
from layers.documents.finding import Wanted, found_sql
from layers.importing.run import import_file
from layers.layer import LAYER_SCHEMA
from layers.policy import may_edit
from layers.province import load_province
from layers.roles import Role
from tests.people import person

NOW = datetime(2021, 8, 15, tzinfo=UTC)
PAGES = (
    "Người dân ở tại nhà, chỉ ra ngoài khi thật sự cần thiết.",
    "Căn cứ Chỉ thị 16/CT-TTg, các chốt kiểm soát hoạt động 24 giờ mỗi ngày tại Đà Nẵng.",
)
HOI_AN, TAM_KY = "503", "502"


@pytest.fixture(scope="module")
def database(cluster: Any, template_database: str) -> str:
    return create_database(cluster, "directives", template_database)


@pytest.fixture
def cursor(database: str) -> Iterator[Any]:
    """As the owner, on a table without the demo's rows; what a test does is undone."""
    connection = psycopg2.connect(database)
    with connection.cursor() as opened:
        opened.execute("DELETE FROM layer.directives")
        yield opened
    connection.rollback()
    connection.close()


def issue(cursor: Any, number: str, **given: Any) -> int:
    """Issue a directive; its id."""
    values = {
        "number": number,
        "kind": "directive",
        "title": "Về giãn cách xã hội",
        "issued_on": "2021-07-01",
        "issuer": "UBND tỉnh",
        "field": "epidemic",
        "valid_from": "2021-07-01T00:00:00+07:00",
        **given,
    }
    marks = ", ".join(["%s"] * len(values))
    cursor.execute(
        f"INSERT INTO layer.directives ({', '.join(values)}) VALUES ({marks}) RETURNING id",
        tuple(values.values()),
    )
    return int(cursor.fetchone()[0])


def row(cursor: Any, directive: int, columns: str) -> tuple[Any, ...]:
    cursor.execute(f"SELECT {columns} FROM layer.directives WHERE id = %s", (directive,))
    found: tuple[Any, ...] = cursor.fetchone()
    return found


def add_file(cursor: Any, directive: int, pages: tuple[str, ...] = PAGES) -> None:
    """Add a file as the server does, as an administrator."""
    cursor.execute(
        "INSERT INTO private.account (login, role) VALUES ('test-files', 'admin')"
        " ON CONFLICT (login) DO UPDATE SET role = 'admin' RETURNING id"
    )
    cursor.execute("SELECT set_config('dieuhanh.account', %s, true)", (str(cursor.fetchone()[0]),))
    cursor.execute(
        "SELECT dieuhanh.add_directive_file(%s, 'a.pdf', %s, 10, %s, 2)",
        (directive, "a" * 64, list(pages)),
    )


def found(cursor: Any, role: Role = Role.PUBLIC, **wanted: Any) -> list[dict[str, Any]]:
    """What a role finds."""
    text, values = found_sql(Wanted(NOW, **wanted), role).render()
    for number in range(len(values), 0, -1):
        text = text.replace(f"${number}::", f"%({number})s::")
    bound = {str(n): list(v) if isinstance(v, tuple) else v for n, v in enumerate(values, 1)}
    cursor.execute("SELECT set_config('role', %s, true)", (role.database_role,))
    # Only marks of parameters are left with a per cent sign of their own.
    cursor.execute(text, bound)
    names = [column.name for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    cursor.execute("RESET ROLE")
    return rows


def test_an_area_is_made_of_units(cursor: Any) -> None:
    both = issue(cursor, "1/CT", unit_codes=f" {HOI_AN}, {TAM_KY}")
    cursor.execute(
        "SELECT ST_Equals(d.geom, (SELECT ST_Union(u.geom) FROM layer.admin_units AS u"
        " WHERE u.code IN (%s, %s))) FROM layer.directives AS d WHERE d.id = %s",
        (HOI_AN, TAM_KY, both),
    )
    assert cursor.fetchone() == (True,)
    assert row(cursor, both, "scope, unit_codes, district_code") == ("units", "502,503", None)
    one = issue(cursor, "2/CT", unit_codes=HOI_AN)
    assert row(cursor, one, "scope, district_code") == ("units", HOI_AN)
    cursor.execute("SELECT code FROM layer.admin_units WHERE parent_code = %s", (HOI_AN,))
    communes = [code for (code,) in cursor.fetchall()]
    some = issue(cursor, "3/CT", unit_codes=",".join(communes[:2]))
    assert row(cursor, some, "district_code") == (HOI_AN,)


def test_without_units_it_is_the_province_or_what_was_drawn(cursor: Any) -> None:
    whole = issue(cursor, "1/CT")
    assert row(cursor, whole, "scope, unit_codes, district_code") == ("province", None, None)
    cursor.execute(
        "SELECT ST_AsText(ST_Multi(ST_Buffer(ST_PointOnSurface(geom), 0.001)))"
        " FROM layer.admin_units WHERE code = %s",
        (HOI_AN,),
    )
    drawn = f"SRID=4326;{cursor.fetchone()[0]}"
    own = issue(cursor, "2/CT", geom=drawn)
    assert row(cursor, own, "scope, district_code") == ("drawn", HOI_AN)
    # Drawing takes the place of units, and units that of what was drawn.
    cursor.execute("UPDATE layer.directives SET unit_codes = %s WHERE id = %s", (TAM_KY, own))
    assert row(cursor, own, "scope, district_code") == ("units", TAM_KY)
    cursor.execute("UPDATE layer.directives SET geom = %s WHERE id = %s", (drawn, own))
    assert row(cursor, own, "scope, unit_codes, district_code") == ("drawn", None, HOI_AN)
    # What comes back from a client with fewer decimals is the same area.
    cursor.execute("UPDATE layer.directives SET unit_codes = %s WHERE id = %s", (TAM_KY, own))
    cursor.execute(
        "UPDATE layer.directives SET geom = ST_GeomFromGeoJSON(ST_AsGeoJSON(geom, 7))"
        " WHERE id = %s",
        (own,),
    )
    assert row(cursor, own, "scope") == ("units",)
    cursor.execute("UPDATE layer.directives SET unit_codes = NULL WHERE id = %s", (own,))
    assert row(cursor, own, "scope, district_code") == ("province", None)


def test_unknown_units_are_refused_by_their_codes(cursor: Any) -> None:
    with pytest.raises(psycopg2.Error, match="no administrative unit of code 9999") as refused:
        issue(cursor, "1/CT", unit_codes=f"{HOI_AN},9999")
    assert refused.value.pgcode == "DH422"


def test_what_replaces_a_directive_ends_it(cursor: Any) -> None:
    old = issue(cursor, "16/CT-UBND", valid_until="2021-12-31")
    later = {"issued_on": "2021-08-01", "valid_from": "2021-08-03T00:00:00Z"}
    new = issue(cursor, "20/CT-UBND", replaces="5/CT; 16/ct-ubnd", **later)
    ends, by = row(cursor, old, "ends_at, replaced_by")
    assert (ends, by) == (datetime(2021, 8, 3, tzinfo=UTC), "20/CT-UBND")
    states = {one["number"]: one["state"] for one in found(cursor)}
    assert states == {"16/CT-UBND": "replaced", "20/CT-UBND": "in_force"}
    cursor.execute("SELECT relation, id FROM dieuhanh.directive_relations(%s)", ([old, new],))
    assert set(cursor.fetchall()) == {("replaced_by", new), ("replaces", old)}
    # It comes into force later, then it is gone: the old one holds again.
    cursor.execute("UPDATE layer.directives SET valid_from = '2021-09-01' WHERE id = %s", (new,))
    assert row(cursor, old, "ends_at")[0].month == 9
    cursor.execute("DELETE FROM layer.directives WHERE id = %s", (new,))
    assert row(cursor, old, "ends_at::date::text, replaced_by") == ("2021-12-31", None)


def test_a_district_ends_no_directive_of_the_province(cursor: Any) -> None:
    whole = issue(cursor, "16/CT-UBND")
    later = {"issued_on": "2021-08-01", "valid_from": "2021-08-03T00:00:00Z"}
    issue(cursor, "20/QĐ-UBND", replaces="16/CT-UBND", unit_codes=HOI_AN, **later)
    assert row(cursor, whole, "ends_at, replaced_by") == (None, None)


def test_of_a_number_used_again_the_last_one_is_meant(cursor: Any) -> None:
    first = issue(cursor, "16/CT", issued_on="2020-01-05", valid_from="2020-01-05")
    second = issue(cursor, "16/CT", issued_on="2021-01-05", valid_from="2021-01-05")
    issue(cursor, "20/CT", replaces="16/CT", issued_on="2021-08-01", valid_from="2021-08-01")
    assert row(cursor, first, "replaced_by") == (None,)
    assert row(cursor, second, "replaced_by") == ("20/CT",)


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("kiem soat", 2),
        ("KIỂM SOÁT", 2),
        ("da nang", 2),
        ('"ra ngoài khi"', 1),
        ('"ngoài ra khi"', None),
        ("16 ttg", 2),
        ("16/ct-ttg", 2),
        # Of the title and of the text together.
        ("18/ct-ubnd kiem soat", 2),
        ("kiem soat -da", None),
        ("khong-co OR tai nha", 1),
        ("cách ly", None),
    ],
)
def test_words_are_found_with_and_without_accents(
    cursor: Any, words: str, page: int | None
) -> None:
    wanted = issue(cursor, "18/CT-UBND", title="Về phòng, chống dịch")
    issue(cursor, "19/CT-UBND", title="Về việc khác")
    add_file(cursor, wanted)
    rows = found(cursor, words=words)
    assert [(one["id"], one["page"]) for one in rows] == ([(wanted, page)] if page else [])


def test_an_excerpt_marks_the_words_as_they_are_written(cursor: Any) -> None:
    add_file(cursor, issue(cursor, "18/CT-UBND"))
    (one,) = found(cursor, words="kiem soat")
    assert "\x02kiểm\x03 \x02soát\x03" in one["excerpt"]


def test_a_title_counts_more_than_a_text(cursor: Any) -> None:
    text = issue(cursor, "18/CT-UBND", title="Về việc chung", issued_on="2021-08-01")
    add_file(cursor, text, ("Tiêm chủng",))
    title = issue(cursor, "19/CT-UBND", title="Về tiêm chủng")
    assert [one["id"] for one in found(cursor, words="tiem chung")] == [title, text]


def test_texts_follow_their_directive(cursor: Any) -> None:
    one = issue(cursor, "18/CT-UBND", title="Về việc cũ")
    add_file(cursor, one)
    assert row(cursor, one, "files") == (1,)
    cursor.execute("UPDATE layer.directives SET title = 'Về sơ tán' WHERE id = %s", (one,))
    assert [r["page"] for r in found(cursor, words="so tan kiem soat")] == [2]
    assert found(cursor, words="viec cu") == []


def test_internal_texts_and_files_are_for_staff(cursor: Any) -> None:
    one = issue(cursor, "18/CT-UBND", audience="internal")
    add_file(cursor, one)
    assert found(cursor, words="kiem soat") == []
    assert [r["id"] for r in found(cursor, Role.VIEWER, words="kiem soat")] == [one]
    # What is public of it is found, and tells nothing of the text.
    (shown,) = found(cursor, words="gian cach")
    assert shown["file_id"] is None
    for role, number in ((Role.PUBLIC, 0), (Role.ANALYST, 1)):
        cursor.execute("SELECT set_config('role', %s, true)", (role.database_role,))
        cursor.execute("SELECT count(*) FROM dieuhanh.directive_file")
        assert cursor.fetchone() == (number,)
        cursor.execute("SELECT count(*) FROM dieuhanh.directive_page WHERE file_id IS NOT NULL")
        assert cursor.fetchone() == (number * 2,)
        cursor.execute("RESET ROLE")
    cursor.execute("SELECT set_config('role', 'dieuhanh_public', true)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SELECT dieuhanh.internal_directive_hits('x')")


@pytest.mark.parametrize(
    ("role", "departments", "districts", "allowed"),
    [
        ("admin", [], [], True),
        ("officer", ["it"], [], True),
        ("officer", ["health"], [], False),
        ("officer", ["district"], [HOI_AN], True),
        ("officer", ["district"], [TAM_KY], False),
        ("viewer", ["it"], [], False),
        ("coordinator", ["it"], [], False),
    ],
)
def test_files_are_changed_by_who_may_change_the_directive(
    database: str, cursor: Any, role: str, departments: list[str], districts: list[str],
    allowed: bool,
) -> None:  # fmt: skip
    someone = person(database, role, departments=departments, districts=districts)
    one = issue(cursor, "18/CT-UBND", unit_codes=HOI_AN)
    cursor.execute(
        "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
        (someone.role.database_role, str(someone.id)),
    )
    call = "SELECT dieuhanh.add_directive_file(%s, 'a.pdf', %s, 10, ARRAY['x'], 1)"
    if not allowed:
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute(call, (one, "b" * 64))
        assert refused.value.pgcode == "DH403"
        return
    cursor.execute(call, (one, "b" * 64))
    cursor.execute("SAVEPOINT one")
    with pytest.raises(psycopg2.Error, match="1 files at most"):
        cursor.execute(call, (one, "c" * 64))
    cursor.execute("ROLLBACK TO one")
    # The same content again is the same file.
    cursor.execute(call, (one, "b" * 64))


def test_the_rule_in_the_database_is_the_records() -> None:
    layer = CATALOGUE["directives"]
    rule = may_edit(layer, "d.district_code")
    migration = Path("migrations/versions/0030_directives.py").read_text()
    assert rule in migration
    assert layer.table.schema == LAYER_SCHEMA


def test_files_of_the_deleted_wait_and_then_go(database: str, tmp_path: Path) -> None:
    path = files.path_of(tmp_path, "a" * 64)

    async def work() -> tuple[bool, int, bool]:
        connection = await asyncpg.connect(database)
        whole = connection.transaction()
        await whole.start()
        try:
            path.parent.mkdir()
            path.write_bytes(b"x")
            one = await connection.fetchval("SELECT id FROM layer.directives LIMIT 1")
            await connection.execute(
                "INSERT INTO dieuhanh.directive_file (directive_id, name, sha256, bytes, pages,"
                " has_text) VALUES ($1, 'a', $2, 1, 1, false)", one, "a" * 64,
            )  # fmt: skip
            await connection.execute("DELETE FROM layer.directives WHERE id = $1", one)
            await files.sweep(connection, tmp_path, keep_days=1)
            kept = path.exists()
            await connection.execute(
                "UPDATE dieuhanh.directive_file SET orphaned_at = now() - interval '2 days'"
            )
            gone = await files.sweep(connection, tmp_path, keep_days=1)
            return kept, gone, path.exists()
        finally:
            await whole.rollback()
            await connection.close()

    assert asyncio.run(work()) == (True, 1, False)


def test_a_list_is_imported_without_geometries(database: str, tmp_path: Path) -> None:
    sheet = tmp_path / "danh-sach.csv"
    head = "Số, ký hiệu;Loại văn bản;Trích yếu;Ngày ban hành;Cơ quan ban hành;Lĩnh vực;"
    # With a point in each area, as an export has it.
    head += "Có hiệu lực từ;Đơn vị áp dụng;lon;lat"
    line = "{};Chỉ thị;Về phòng dịch;01/07/2021;UBND tỉnh;Y tế;01/07/2021;{};108.1;15.5"
    province = load_province("quang-nam")

    def run(*lines: str) -> Any:
        sheet.write_text("\n".join([head, *lines]) + "\n", "utf-8")
        return import_file(database, province, CATALOGUE["directives"], sheet)

    good = line.format("901/CT", HOI_AN)
    wrong = run(good, line.format("902/CT", "9999"), good)
    assert (wrong.bad, wrong.written) == (2, False)
    assert {problem.line for problem in wrong.problems} == {3, 4}
    done = run(good, line.format("902/CT", ""))
    assert (done.inserted, done.written) == (2, True)
    connection = psycopg2.connect(database)
    with connection.cursor() as opened:
        opened.execute("SELECT scope FROM layer.directives WHERE number ~ '^90' ORDER BY number")
        assert opened.fetchall() == [("units",), ("province",)]
    connection.close()
