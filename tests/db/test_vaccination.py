"""Vaccination in the database: the rules of a dose, corrections, who does what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import psycopg2.errors
import pytest

from api.cli.database import create_database
from tests.vaccinating import FAR, NEAR, Centre


@pytest.fixture(scope="module")
def centre(cluster: Any, template_database: str) -> Centre:
    return Centre(create_database(cluster, "vaccination", template_database))


def refused(work: Callable[[], Any], code: str = "DH409") -> str:
    """What a rule says that refuses."""
    with pytest.raises(psycopg2.Error) as found:
        work()
    assert found.value.pgcode == code, found.value
    said = str(found.value).splitlines()[0]
    assert " / " in said
    return said


def at_once(work: Callable[[Any], Any], many: list[Any]) -> Counter[str]:
    """How many of many at once were done, and how many were refused by which code."""

    def tried(one: Any) -> str:
        try:
            work(one)
        except psycopg2.Error as error:
            return str(error.pgcode)
        return "done"

    with ThreadPoolExecutor(len(many)) as threads:
        return Counter(threads.map(tried, many))


def test_the_rules_of_a_dose(centre: Centre) -> None:
    lot, other = centre.new_lot(20), centre.new_lot(20, "vero_cell")
    about = centre.new_person()
    centre.given(about, lot, 10)
    # Never the same twice, not too soon, not another vaccine, not of nothing.
    assert "1" in refused(lambda: centre.given(about, lot, 0, number=1))
    assert "21" in refused(lambda: centre.given(about, lot, 0))
    longer = centre.new_person()
    centre.given(longer, lot, 30)
    assert "pfizer" in refused(lambda: centre.given(longer, other, 0, reason=" "))
    refused(lambda: centre.given(about, lot, 20, number=2, reason="x"), "DH422")
    refused(lambda: centre.given(about, lot, -1, reason="x"), "DH422")
    second = centre.given(about, lot, 0, reason="Vùng dịch, tiêm sớm")
    ((number, full),) = centre.sql(
        "SELECT number, is_full FROM register.vaccinations WHERE id = %s", second
    )
    assert (number, full) == (2, True)
    refused(lambda: centre.register_of(about))
    child = centre.new_person(year=2012)
    assert "18" in refused(lambda: centre.given(child, lot, 0))
    alone = centre.new_person()
    refused(lambda: centre.given(alone, lot, 0, number=2))
    # AstraZeneca's course may be completed with this vaccine.
    mixed = centre.new_person()
    centre.given(mixed, centre.new_lot(1, "astrazeneca"), 60)
    centre.given(mixed, lot, 0)
    # Of a lot that is recalled, expired or used up nobody gets a dose, whatever the reason.
    last = centre.new_lot(1)
    centre.given(centre.new_person(), last, 0)
    refused(lambda: centre.given(centre.new_person(), last, 0, reason="x"))
    ((row,),) = centre.sql("SELECT id FROM register.vaccine_lots WHERE lot = %s", lot)
    centre.act(row, "vaccine_lots_recall", reason="Bộ Y tế")
    refused(lambda: centre.given(centre.new_person(), lot, 0, reason="x"))
    centre.act(row, "vaccine_lots_restore", reason="Bộ Y tế")
    centre.sql("UPDATE register.vaccine_lots SET expires_on = '2020-01-01' WHERE lot = %s", lot)
    refused(lambda: centre.given(centre.new_person(), lot, 0, reason="x"))
    # What took no dose took nothing from the stock.
    assert centre.book(centre.point, lot)["balance"] == 16


def test_twenty_desks_at_once_give_a_dose_once_and_the_books_balance(centre: Centre) -> None:
    lot, about = centre.new_lot(30), centre.new_person()
    done = at_once(lambda n: centre.given(about, lot, 0, number=1), list(range(20)))
    assert done == {"done": 1, "DH409": 19}
    people = [centre.new_person() for _ in range(40)]
    done = at_once(lambda one: centre.given(one, lot, 0), people)
    assert done == {"done": 29, "DH409": 11}
    centre.move(lot, "received", 5)
    centre.move(lot, "moved", 2, other_place="store")
    centre.move(lot, "wasted", 1, reason="vỡ")
    book = centre.book(None, lot)
    here = centre.book(centre.point, lot)
    assert (here["received"] - here["used"] - here["wasted"] - here["moved"]) == 2
    for one in (book, here):
        gone = one["moved"] + one["used"] + one["wasted"] + one["returned"]
        come = one["received"] + one["arrived"] + one["unused"] + one["corrected"]
        assert come - gone == one["on_hand"] == one["balance"]
    assert book["moved"] == book["arrived"] == 2
    ((given,),) = centre.sql(
        "SELECT count(*) FROM register.vaccinations WHERE lot = %s AND state <> 'void'", lot
    )
    assert given == book["used"] - book["unused"] == 30


def test_a_visit_from_the_door_to_the_way_home(centre: Centre) -> None:
    lot, registration = centre.new_lot(5), centre.register("front_line")
    with centre.acting("point") as cursor:
        arrive = "SELECT dieuhanh.vaccination_arrive(%s, NULL, NULL, %s, %s)"
        with pytest.raises(psycopg2.Error, match="anyway"):
            cursor.execute(arrive, (centre.point, registration, False))
    with centre.acting("point") as cursor:
        cursor.execute(arrive, (centre.point, registration, True))
        visit = cursor.fetchone()[0]
        cursor.execute(arrive, (centre.point, registration, True))
        assert cursor.fetchone()[0] == visit
    refused(lambda: centre.act(visit, "vaccinations_give", "point", lot=lot))
    refused(lambda: centre.act(visit, "vaccinations_screen", "point", outcome="deferred"), "DH422")
    centre.act(visit, "vaccinations_screen", "point", outcome="fit")
    centre.act(visit, "vaccinations_give", "point", lot=lot.lower(), site="left_arm")
    refused(lambda: centre.act(visit, "vaccinations_leave", "point"))
    centre.act(visit, "vaccinations_react", "point", severity="severe", symptoms="rash, fever")
    centre.act(visit, "vaccinations_leave", "point", reason="Chuyển viện")
    (row,) = centre.sql(
        "SELECT v.state, v.number, v.vaccine, v.given_by, v.observe_until - v.given_at, r.state,"
        " r.next_dose, r.not_before - v.given_on, r.place FROM register.vaccinations AS v"
        " JOIN register.vaccination_registrations AS r ON r.id = v.registration_id"
        " WHERE v.id = %s",
        visit,
    )
    login = centre.people["point"].login
    assert row[:4] == ("done", 1, "pfizer", login)
    assert row[4].total_seconds() == 1800
    assert row[5:] == ("waiting", 2, 21, "home")
    ((reaction,),) = centre.sql(
        "SELECT id FROM register.vaccine_reactions WHERE vaccination_id = %s", visit
    )
    centre.act(reaction, "vaccine_reactions_report", "point")
    refused(lambda: centre.act(reaction, "vaccine_reactions_report", "point"))
    # Screening sends people back, or away.
    for outcome, state in (("deferred", "waiting"), ("contraindicated", "cancelled")):
        one = centre.register("front_line")
        with centre.acting("point") as cursor:
            cursor.execute(arrive, (centre.point, one, True))
            visit = cursor.fetchone()[0]
        centre.act(visit, "vaccinations_screen", "point", outcome=outcome, reason="sốt")
        ((now,),) = centre.sql(
            "SELECT state FROM register.vaccination_registrations WHERE id = %s", one
        )
        assert now == state


def test_two_people_correct_and_the_stock_follows(centre: Centre) -> None:
    wrong, right = centre.new_lot(5), centre.new_lot(5)
    about = centre.new_person()
    dose = centre.given(about, wrong, 3)

    def ask(**facts: Any) -> str:
        centre.act(dose, "vaccinations_correct", "health", **facts)
        ((row,),) = centre.sql(
            "SELECT id::text FROM register.vaccination_corrections WHERE person_id = %s"
            " AND state = 'open' AND field = %s",
            about,
            facts["field"],
        )
        return str(row)

    approve = "vaccination_corrections_approve"
    asked = ask(field="lot", lot=right)
    refused(lambda: ask(field="lot", lot=wrong), "DH422")
    refused(lambda: centre.act(asked, approve, "health"), "DH403")
    centre.act(asked, approve, "second")
    refused(lambda: centre.act(asked, approve, "second"))
    assert centre.book(centre.point, wrong)["balance"] == 5
    assert centre.book(centre.point, right)["balance"] == 4
    (row,) = centre.sql(
        "SELECT old_value, new_value, asked_by, decided_by FROM register.vaccination_corrections"
        " WHERE id = %s",
        asked,
    )
    logins = [centre.people[who].login for who in ("health", "second")]
    assert row == (wrong, right, *logins)
    # The certificate's name changes by a correction alone, whatever another register says.
    centre.sql("UPDATE private.person SET name = 'Tên Khác' WHERE id = %s", about)
    ((name,),) = centre.sql("SELECT name FROM private.person WHERE id = %s", about)
    assert name.startswith("Người thử")
    named = ask(field="name", new_name="Tên Đúng")
    year = ask(field="birth_year", new_birth_year=1975)
    for one in (named, year):
        centre.act(one, approve, "second")
    (now,) = centre.sql("SELECT name, birth_year FROM private.person WHERE id = %s", about)
    assert now == ("Tên Đúng", 1975)
    with centre.acting("health") as cursor:
        cursor.execute(
            "SELECT op, after FROM dieuhanh.register_history('vaccinations', %s, 9)", (dose,)
        )
        told = cursor.fetchall()
    assert any(after.get("name") == "Tên Đúng" for _, after in told)
    # What has changed meanwhile is asked for again; the dose's rules hold for what is asked.
    stale = ask(field="given_on", given_on="2021-08-01")
    centre.sql(
        "UPDATE register.vaccinations SET given_at = given_at - interval '1 day' WHERE id = %s",
        dose,
    )
    assert "2021" not in refused(lambda: centre.act(stale, approve, "second")).split(";")[0]
    centre.act(stale, "vaccination_corrections_reject", "second", reason="đã sửa")
    void = ask(field="not_given")
    centre.act(void, approve, "second", reason="ghi nhầm người")
    assert centre.book(centre.point, right)["balance"] == 5
    missing = centre.make(
        "vaccination_corrections", person_id=about, field="missing_dose", number=1,
        vaccine="astrazeneca", given_on="2021-07-01",
    )  # fmt: skip
    centre.act(missing, approve, "second")
    ((count,),) = centre.sql(
        "SELECT count(*) FROM register.vaccinations WHERE person_id = %s AND state = 'done'"
        " AND number = 1 AND place = 'elsewhere'",
        about,
    )
    assert count == 1


def test_who_reaches_what(centre: Centre) -> None:
    lot = centre.new_lot(4)
    centre.move(lot, "moved", 2, other_place=centre.far)
    near, far = centre.given(centre.new_person(), lot, 0), ""
    far = centre.make(
        "vaccinations", person_id=centre.new_person(district=FAR), place=centre.far, lot=lot,
        given_at="2021-08-01T03:00:00Z",
    )  # fmt: skip
    for who, reached in (
        ("near", {near}),
        ("far", {far}),
        ("point", {near}),
        ("second", {near, far}),
    ):
        with centre.acting(who) as cursor:
            cursor.execute(
                "SELECT id::text FROM register.vaccinations_told WHERE id::text = ANY (%s)",
                ([near, far],),
            )
            assert {row[0] for row in cursor.fetchall()} == reached, who
    refused(lambda: centre.act(near, "vaccinations_correct", "far", field="not_given"), "DH404")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        centre.make("vaccinations", "far", person_id=centre.new_person(), place=centre.point)
    for statement in (
        "SELECT dieuhanh.vaccination_desk('x')",
        "SELECT FROM register.stock_balance",
        "SELECT FROM register.dose_count",
        "SELECT private.dose_coverage(current_date, 65)",
        "SELECT dieuhanh.vaccinations_give(gen_random_uuid(), '{}')",
    ):
        with (
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
            centre.acting("viewer") as cursor,
        ):
            cursor.execute(statement)
    for statement in (
        "UPDATE register.vaccinations SET number = 2",
        "UPDATE register.vaccinations SET lot = 'X'",
        "INSERT INTO register.stock_movements (dose_id) VALUES (gen_random_uuid())",
        "INSERT INTO register.stock_movements (balance) VALUES (1)",
        "UPDATE register.vaccination_corrections SET state = 'applied'",
        "DELETE FROM register.vaccinations",
    ):
        with (
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
            centre.acting("health") as cursor,
        ):
            cursor.execute(statement)
    with pytest.raises(psycopg2.Error, match="not yours"), centre.acting("far") as cursor:
        cursor.execute("SELECT dieuhanh.vaccination_desk(%s)", (centre.point,))


def test_what_is_told_and_what_is_forgotten(centre: Centre) -> None:
    centre.sql(
        "TRUNCATE register.vaccinations, register.vaccine_reactions,"
        " register.vaccination_corrections"
    )
    lot = centre.new_lot(50)
    people = {
        group: [centre.new_person() for _ in range(many)]
        for group, many in (("front_line", 9), ("others", 7), ("poor_policy", 3))
    }
    for group, those in people.items():
        for about in those:
            centre.given(about, lot, 2, priority_group=group)
    # 1,000 were given here before the register began.
    centre.sql("UPDATE layer.vaccination_points SET doses_given = 1000")
    centre.sql("SELECT private.count_doses()")
    centre.sql("SELECT private.count_doses()")
    ((stock, given),) = centre.sql(
        "SELECT stock_doses, doses_given FROM layer.vaccination_points WHERE id::text = %s",
        centre.point.split("/")[1],
    )
    assert given == 1019
    assert stock >= 31
    ((told,),) = centre.sql("SELECT dieuhanh.vaccination_progress()")
    (district,) = told["districts"]
    assert (district["district"], district["doses"], district["complete"]) == (NEAR, 19, 0)
    # One cell under five is left out, and the next, as one alone could be worked out.
    cells = {one["priority_group"]: one["doses"] for one in told["cells"]}
    assert cells == {"front_line": 9, "others": None, "poor_policy": None}
    ((_, *counts),) = centre.sql("SELECT * FROM private.dose_coverage(dieuhanh.today(), 65)")
    assert counts == [19, 0, 0]
    assert centre.sql("SELECT * FROM private.dose_coverage(dieuhanh.today() - 3, 65)") == []
    old, new = centre.register(), centre.register()
    centre.sql("ALTER TABLE register.vaccination_registrations DISABLE TRIGGER a_keep")
    centre.sql(
        "UPDATE register.vaccination_registrations SET updated_at = now() - interval '99 days'"
        " WHERE id = %s",
        old,
    )
    centre.sql("ALTER TABLE register.vaccination_registrations ENABLE TRIGGER a_keep")
    assert centre.sql("SELECT private.purge_vaccination(90, 1000)") == [(1,)]
    left = centre.sql(
        "SELECT id::text FROM register.vaccination_registrations WHERE id::text = ANY (%s)",
        [old, new],
    )
    assert left == [(new,)]
    assert centre.sql("SELECT FROM register.change WHERE row_id = %s", old) == []
