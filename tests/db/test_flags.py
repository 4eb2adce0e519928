"""Flags of positive samples and of outbreak areas outside the province."""

from __future__ import annotations

import itertools
from typing import Any

import psycopg2
import psycopg2.errors
import pytest

from layers.roles import Role
from tests.db.test_declarations import FAR, FLAGS, HOME, district, sees, url
from tests.db.test_sos_rules import acting, owner
from tests.declaring import a_declaration, ago, declare
from tests.people import person

__all__ = ["url"]

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def site(url: str) -> str:
    """A testing site in the district of `HOME`."""
    ((made,),) = owner(
        url,
        "INSERT INTO layer.testing_sites (code, name, kind, geom)"
        " SELECT 'XN-CB', 'Điểm cảnh báo', 'fixed', ST_PointOnSurface(geom)"
        " FROM layer.admin_units WHERE code = %s RETURNING id",
        HOME,
    )
    return f"testing_sites/{made}"


def somebody(url: str, commune: str | None) -> tuple[str, str]:
    """Somebody who lives in a commune: number and name."""
    found = owner(
        url,
        "INSERT INTO private.person (name, birth_year, phone, commune_code)"
        " VALUES (%s, 1980, '0905777888', %s) RETURNING id::text, name",
        f"Người lấy mẫu {next(_numbers)}",
        commune,
    )
    return found[0][0], found[0][1]


def sample(url: str, site: str, who: str | None, result: str | None = "positive") -> str:
    """A sample of somebody, or of a pool of five; its number."""
    ((made,),) = owner(
        url,
        "INSERT INTO register.samples (person_id, place, code, pool_size, method, result)"
        " VALUES (%s, %s, %s, %s, 'pcr', %s) RETURNING id::text",
        who,
        site,
        f"CB-{next(_numbers)}",
        1 if who else 5,
        result,
    )
    return str(made)


def result(url: str, sample: str, value: str) -> None:
    """A sample's result comes, or is corrected."""
    owner(url, "UPDATE register.samples SET result = %s WHERE id = %s", value, sample)


def flag(url: str, who: str) -> tuple[Any, ...] | None:
    """How the newest flag of somebody stands."""
    found = owner(
        url,
        "SELECT kinds, state, times, district_code, closed_by FROM private.flag"
        " WHERE person_id = %s ORDER BY id DESC LIMIT 1",
        who,
    )
    return found[0] if found else None


def test_a_positive_sample_is_a_flag_where_the_person_lives(url: str, site: str) -> None:
    who, name = somebody(url, FAR)
    waiting = sample(url, site, who, None)
    assert flag(url, who) is None
    result(url, waiting, "positive")
    near, away = district(url, HOME), district(url, FAR)
    assert flag(url, who) == (["positive"], "open", 0, away, None)
    sample(url, site, None)
    assert owner(url, "SELECT count(*) FROM private.flag WHERE 'positive' = ANY (kinds)") == [(1,)]
    for place, seen in ((near, set()), (away, {FAR})):
        officer = person(url, "officer", departments=["district"], districts=[place])
        assert sees(url, officer, Role.OFFICER, {FAR: name}) == seen
    declare(url, a_declaration(symptoms=["fever"], commune_code=FAR))
    with acting(url, officer, Role.OFFICER) as cursor:
        cursor.execute(FLAGS)
        told = {tuple(one["kinds"]): one for one in cursor.fetchone()[0]["flags"]}
        of_sample, of_symptoms = told["positive",], told["symptoms",]
        cursor.execute("SELECT dieuhanh.declaration_flag(%s)", (of_sample["id"],))
        whole = cursor.fetchone()[0]
    # No more of a person than a declaration tells, and of the sample what finds it.
    assert of_sample.keys() == of_symptoms.keys()
    assert of_sample["person"].keys() == of_symptoms["person"].keys()
    assert (of_sample["person"]["phone"], of_sample["declaration"]) == ("0905777888", None)
    assert of_sample["sample"].keys() == {"code", "method", "taken_at", "resulted_at", "site"}
    assert (of_sample["sample"]["site"], of_symptoms["sample"]) == ("Điểm cảnh báo", None)
    assert (whole["declarations"], whole["cards"]) == ([], 0)


def test_of_an_unknown_home_it_is_where_the_sample_was_taken(url: str, site: str) -> None:
    who, _ = somebody(url, None)
    sample(url, site, who)
    assert flag(url, who) == (["positive"], "open", 0, district(url, HOME), None)


def test_a_result_that_is_corrected_takes_the_flag_back(url: str, site: str) -> None:
    who, _ = somebody(url, HOME)
    first, second = sample(url, site, who), sample(url, site, who)
    result(url, first, "negative")
    assert flag(url, who) == (["positive"], "open", 0, district(url, HOME), None)
    result(url, second, "inconclusive")
    assert flag(url, who) == (
        ["positive"], "closed", 0, district(url, HOME), "system:samples"
    )  # fmt: skip


def test_it_joins_the_flag_of_what_the_person_declared(url: str, site: str) -> None:
    given = a_declaration(symptoms=["cough"], commune_code=FAR)
    declare(url, given)
    ((who,),) = owner(url, "SELECT person_id FROM private.declaration WHERE id = %s", given["id"])
    owner(url, "UPDATE private.flag SET state = 'seen' WHERE person_id = %s", who)
    taken = sample(url, site, who)
    far = district(url, FAR)
    assert flag(url, who) == (["positive", "symptoms"], "open", 1, far, None)
    # What was declared is told still; declaring again adds to it.
    told = owner(
        url, "SELECT private.flag_told(f)->'declaration'->'symptoms' FROM private.flag AS f"
        " WHERE person_id = %s", who
    )  # fmt: skip
    assert told == [(["cough"],)]
    declare(url, {**given, "id": a_declaration()["id"], "contact": True})
    assert flag(url, who) == (["contact", "positive", "symptoms"], "open", 2, far, None)
    result(url, taken, "negative")
    assert flag(url, who) == (["contact", "symptoms"], "open", 2, far, None)


def test_a_flag_of_no_declaration_goes_as_late_as_one_of_a_declaration(url: str, site: str) -> None:
    (old, _), (new, _) = somebody(url, HOME), somebody(url, HOME)
    for who in (old, new):
        sample(url, site, who)
    owner(
        url,
        "UPDATE private.flag SET last_at = now() - interval '22 days' WHERE person_id = %s",
        old,
    )
    owner(url, "SELECT private.purge_declarations(21, 1000)")
    assert flag(url, old) is None
    assert flag(url, new) is not None
    with pytest.raises(psycopg2.Error), acting(url, None, Role.PUBLIC) as cursor:
        cursor.execute("SELECT private.positive_of(%s)", (new,))


def area(url: str, name: str, also: str | None, *, since: int, until: int | None) -> None:
    """An outbreak area outside the province, from some days ago to some days ago."""
    owner(
        url,
        "INSERT INTO register.outside_areas (name, also_named, unit, decision_number, valid_from,"
        " valid_until) VALUES (%s, %s, 'district', '7/QĐ', dieuhanh.today() - %s::integer,"
        " dieuhanh.today() - %s::integer)",
        name, also, since, until,
    )  # fmt: skip


def test_a_place_outside_that_is_an_outbreak_area_raises_a_flag(url: str) -> None:
    owner(url, "DELETE FROM register.outside_areas")
    area(url, "Quận 8, Hồ Chí Minh", "Q8 Sài Gòn; ", since=30, until=None)
    area(url, "Thôn Đông (Nghệ An)", None, since=30, until=10)
    area(url, "Vinh", None, since=30, until=20)
    area(url, "Huế", None, since=-2, until=None)

    def raised(*elsewhere: str, **changes: Any) -> tuple[list[str], list[str]] | None:
        given = a_declaration(elsewhere=list(elsewhere), commune_code=FAR, **changes)
        declare(url, given)
        found = owner(
            url,
            "SELECT kinds, zones, district_code FROM private.flag WHERE declaration_id = %s",
            given["id"],
        )
        if not found:
            return None
        assert found[0][2] == district(url, FAR)
        return found[0][:2]

    eighth = "Quận 8, Hồ Chí Minh (7/QĐ)"
    for said in (
        "Quận 8, Hồ Chí Minh",
        "quan 8 - thanh pho ho chi minh",
        "Về từ q8  Sài Gòn hôm qua",
        "Chợ X, QUẬN 8, THÀNH PHỐ HỒ CHÍ MINH",
    ):
        assert raised("Đà Lạt", said) == (["zone_travel"], [eighth]), said
    for said in (
        "Quận 80, Thành phố Hồ Chí Minh",
        "Quận 8, Hà Nội, rồi về Thành phố Hồ Chí Minh",
        "Thành phố Hồ Chí Minh, Quận 8",
        "Thành phố Hồ Chí Minh",
        "Quận 8",
        "Vinh",
        "Huế",
        "…",
    ):
        assert raised(said) is None, said
    # One that ended ten days ago was in force within the fourteen days before.
    assert raised("thôn đông, nghệ an", symptoms=["fever"]) == (
        ["symptoms", "zone_travel"], ["Thôn Đông (Nghệ An) (7/QĐ)"]
    )  # fmt: skip
    assert raised("Vinh", made_at=ago(days=9)) == (["zone_travel"], ["Vinh (7/QĐ)"])
    assert owner(url, "SELECT private.outside_offered()") == [
        (["Quận 8, Hồ Chí Minh", "Thôn Đông (Nghệ An)"],)
    ]


def test_areas_outside_are_kept_by_the_health_department(url: str) -> None:
    statement = (
        "INSERT INTO register.outside_areas (name, unit, decision_number, valid_from)"
        " VALUES ('Nơi khác', 'site', '1/QĐ', '2021-08-01')"
    )
    posts = (
        (["health"], [], True),
        (["district"], [district(url, HOME)], False),
        (["it"], [], False),
    )
    for departments, districts, may in posts:
        officer = person(url, "officer", departments=departments, districts=districts)
        with acting(url, officer, Role.OFFICER) as cursor:
            if may:
                cursor.execute(statement)
                continue
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
    for role in (Role.PUBLIC, Role.VIEWER, Role.COORDINATOR):
        for refused in (statement, "SELECT private.outside_offered()"):
            with (
                acting(url, None, role) as cursor,
                pytest.raises(psycopg2.errors.InsufficientPrivilege),
            ):
                cursor.execute(refused)
