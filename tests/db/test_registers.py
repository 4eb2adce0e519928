"""Registers in the database: grants and rows role by role, records and tables, the command."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import psycopg2
import psycopg2.errors
import pytest
import sqlalchemy as sa

from api.cli.database import create_database
from layers.province import load_province
from layers.registers.catalogue import REGISTERS, registers_of
from layers.registers.policy import table_name, view_name
from layers.registers.record import PERSON, WRITE_ONLY, Register
from layers.roles import Role
from tests.conftest import command
from tests.people import Person, person

EVERY = pytest.mark.parametrize("register", REGISTERS.values(), ids=list(REGISTERS))
NEAR, FAR = "502", "515"
KEEPERS = (Role.OFFICER, Role.ADMIN)


class Setting:
    """A database with one stay at each kind of place, in two districts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg2.connect(url)
        self.places: dict[str, str] = {}
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute("DELETE FROM register.stays")
            for district, (layer, values) in itertools.product((NEAR, FAR), _LAYERS.items()):
                cursor.execute(
                    f"INSERT INTO layer.{layer} (code, name, {values[0]}, geom)"
                    f" SELECT %s, 'Thử', {values[1]}, ST_PointOnSurface(geom)"
                    " FROM dieuhanh.admin_piece WHERE district_code = %s"
                    " ORDER BY ST_Area(geom) DESC LIMIT 1 RETURNING id",
                    (f"{layer}-{district}"[:24], district),
                )
                place = f"{layer}/{cursor.fetchone()[0]}"
                self.places[f"{layer} {district}"] = place
                self._stay(cursor, f"{layer} {district}", place)
            for district in (NEAR, FAR):
                self._stay(cursor, f"home {district}", "home", district)

    def _stay(self, cursor: Any, name: str, place: str, district: str | None = None) -> None:
        cursor.execute(
            "INSERT INTO private.person (name, commune_code) VALUES (%s,"
            " (SELECT commune_code FROM dieuhanh.admin_piece WHERE district_code = %s"
            "  GROUP BY 1 ORDER BY sum(ST_Area(geom)) DESC LIMIT 1)) RETURNING id",
            (name, district),
        )
        cursor.execute(
            "INSERT INTO register.stays (person_id, place, regime) VALUES (%s, %s, 'contact_14')",
            (cursor.fetchone()[0], place),
        )

    def acting(self, who: Person | None, role: Role | None = None) -> Any:
        """A cursor that acts for somebody; what it does is undone."""
        self.connection.rollback()
        cursor = self.connection.cursor()
        named = (role or (who.role if who else Role.PUBLIC)).database_role
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
            (named, str(who.id) if who else ""),
        )
        return cursor


_LAYERS = {
    "quarantine_sites": ("kind, capacity", "'school', 10"),
    "hotels": ("rooms, rooms_quarantine, paid_quarantine", "10, 5, true"),
}


@pytest.fixture(scope="module")
def setting(cluster: Any, template_database: str) -> Iterator[Setting]:
    made = Setting(create_database(cluster, "registers", template_database))
    yield made
    made.connection.close()


@EVERY
@pytest.mark.parametrize("role", [role for role in Role if role not in KEEPERS])
def test_other_roles_have_no_way_in(setting: Setting, register: Register, role: Role) -> None:
    who = None if role is Role.PUBLIC else person(setting.url, role, departments=("health",))
    for statement in (
        f"SELECT FROM {table_name(register)}",
        f"SELECT FROM {view_name(register)}",
        f"DELETE FROM {table_name(register)}",
        "SELECT dieuhanh.register_history('stays', gen_random_uuid(), 1)",
        "SELECT dieuhanh.register_restore('stays', gen_random_uuid(), 1, 'thử')",
        "SELECT dieuhanh.register_deleted('stays', 1)",
        "SELECT dieuhanh.stays_release(gen_random_uuid(), '{}')",
        "SELECT FROM register.change",
        "SELECT FROM private.person",
        "SELECT FROM private.account_place",
    ):
        cursor = setting.acting(who, role)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)


def test_cameras_are_told_to_staff_alone(setting: Setting) -> None:
    for role in (Role.PUBLIC, Role.RESCUER):
        who = None if role is Role.PUBLIC else person(setting.url, role)
        cursor = setting.acting(who, role)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT dieuhanh.quarantine_cameras()")


EVERYWHERE = {f"{kind} {d}" for kind in (*_LAYERS, "home") for d in (NEAR, FAR)}
CASES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "admin": ({"role": "admin"}, EVERYWHERE),
    "the steward": ({"departments": ("health",)}, EVERYWHERE),
    "the steward in a district": (
        {"departments": ("health",), "districts": (NEAR,)},
        {name for name in EVERYWHERE if NEAR in name},
    ),
    "of the sites": (
        {"departments": ("military_command",)},
        {name for name in EVERYWHERE if name.startswith("quarantine_sites")},
    ),
    "of the hotels in a district": (
        {"departments": ("tourism",), "districts": (NEAR,)},
        {f"hotels {NEAR}"},
    ),
    "of a district": (
        {"departments": ("district",), "districts": (FAR,)},
        {name for name in EVERYWHERE if FAR in name},
    ),
    "of another department": ({"departments": ("telecom",)}, set()),
    "of other layers": ({"departments": ("health",), "layers": ("hotels",)}, set()),
    "of this register": ({"departments": ("health",), "layers": ("stays",)}, EVERYWHERE),
    "of one place": (
        {"departments": ("military_command",), "places": (f"quarantine_sites {NEAR}",)},
        {f"quarantine_sites {NEAR}"},
    ),
    "of a place of others": (
        {"departments": ("tourism",), "places": (f"quarantine_sites {NEAR}",)},
        set(),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_officer_reaches_the_rows_of_their_part(setting: Setting, case: str) -> None:
    limits, expected = CASES[case]
    given = dict(limits)
    places = [setting.places[name] for name in given.pop("places", ())]
    who = person(setting.url, given.pop("role", "officer"), places=places, **given)
    own = "name = ANY (%s)"
    cursor = setting.acting(who)
    cursor.execute(f"SELECT name FROM register.stays_told WHERE {own}", (sorted(EVERYWHERE),))
    assert {row[0] for row in cursor.fetchall()} == expected
    cursor.execute("SELECT count(*) FROM register.stays")
    assert cursor.fetchone()[0] == len(expected)
    # What is read is what is written: not a row more.
    cursor.execute("UPDATE register.stays SET room = 'X' RETURNING id")
    assert len(cursor.fetchall()) == len(expected)
    for statement in (
        "UPDATE register.stays SET state = 'released'",
        "UPDATE register.stays SET place = 'home'",
        "UPDATE register.stays SET due_until = '2000-01-01'",
        "DELETE FROM register.stays",
        "TRUNCATE register.stays",
    ):
        cursor = setting.acting(who)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)


def test_a_disabled_account_reaches_nothing(setting: Setting) -> None:
    who = person(setting.url, "officer", departments=("health",))
    setting.connection.rollback()
    with setting.connection, setting.connection.cursor() as cursor:
        cursor.execute("UPDATE private.account SET disabled_at = now() WHERE id = %s", (who.id,))
    cursor = setting.acting(who)
    cursor.execute("SELECT count(*) FROM register.stays")
    assert cursor.fetchone()[0] == 0


def test_a_layers_feature_is_edited_by_those_at_its_place(setting: Setting) -> None:
    near, far = (setting.places[f"quarantine_sites {d}"].split("/")[1] for d in (NEAR, FAR))
    who = person(
        setting.url,
        "officer",
        departments=("military_command",),
        places=(f"quarantine_sites/{near}",),
    )
    cursor = setting.acting(who)
    cursor.execute(
        "UPDATE layer.quarantine_sites SET cameras = 4 WHERE id = ANY (%s) RETURNING id",
        ([int(near), int(far)],),
    )
    assert cursor.fetchall() == [(int(near),)]


@EVERY
def test_the_table_is_what_the_record_says(setting: Setting, register: Register) -> None:
    setting.connection.rollback()
    with setting.connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns"
            " WHERE table_schema = 'register' AND table_name = %s",
            (register.table.name,),
        )
        held = dict(cursor.fetchall())
    assert set(register.table.c.keys()) == set(held)
    for column in register.columns:
        if column.name in held and column.editable:
            assert held[column.name] == register.held(column.name).nullable, column.name


@EVERY
def test_everything_people_read_is_in_both_languages(register: Register) -> None:
    whole = registers_of(load_province("quang-nam"))[register.id]
    texts = [whole.title, whole.description, *(one.title for one in whole.actions)]
    texts += [one.confirm for one in whole.actions if one.confirm]
    texts += [whole.adding] if whole.adding else []
    columns = (*whole.columns, *(field for one in whole.actions for field in one.fields))
    for column in columns:
        texts.append(column.title)
        texts += [code.title for code in column.codes.codes] if column.codes else []
    assert all(text.vi.strip() and text.en.strip() for text in texts)
    assert all(ord(letter) < 0x250 for text in texts for letter in text.en)
    assert not WRITE_ONLY & {column.name for column in whole.told}
    province = load_province("quang-nam")
    for department in (register.steward, *register.place_stewards):
        assert province.department(department) is not None
    checks = [
        str(one.sqltext)
        for one in register.table.constraints
        if isinstance(one, sa.CheckConstraint)
    ]
    for column in register.columns:
        if column.codes and column.name in register.table.c and column not in PERSON:
            assert any(text.startswith(f'"{column.name}" IN') for text in checks)


def test_the_command_keeps_a_register_for_an_account(setting: Setting, tmp_path: Path) -> None:
    who = person(setting.url, "officer", departments=("health",))
    form = tmp_path / "form.xlsx"
    url = setting.url
    made = command("register", "template", "stays", str(form), database_url=url)
    assert made.returncode == 0, made.stderr
    book = openpyxl.load_workbook(form)
    heads = [cell.value for cell in book.worksheets[0][1]]
    values = {"Họ và tên": "Lệnh Một", "Nơi cách ly": "Tại nhà", "Chế độ cách ly": "entry_21"}
    book.worksheets[0].append([values.get(head) for head in heads])
    book.save(form)
    options = ("register", "import", "stays", str(form), "--for", who.login)
    tried = command(*options, "--dry-run", database_url=url)
    assert tried.returncode == 0, tried.stderr
    done = command(*options, database_url=url)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out.csv"
    listed = command("register", "export", "stays", str(out), "--for", who.login, database_url=url)
    assert listed.returncode == 0, listed.stderr
    assert out.read_text(encoding="utf-8-sig").count("Lệnh Một") == 1
    other = person(setting.url, "viewer")
    refused = command(*options[:-1], other.login, database_url=url)
    assert refused.returncode == 2
    unknown = command("register", "template", "nothing", str(form), database_url=url)
    assert unknown.returncode == 2
    assert "nothing" in unknown.stderr
