"""Vaccines in the database: stock that is never below nothing, slots that are never over."""

from __future__ import annotations

from psycopg2.extras import execute_values

from tests.db.test_vaccination import at_once, centre, refused
from tests.vaccinating import FAR, Centre

__all__ = ["centre"]


def test_the_ledger_is_only_added_to_and_never_below_nothing(centre: Centre) -> None:
    lot = centre.new_lot(10)
    assert "10" in refused(lambda: centre.move(lot, "wasted", 11, reason="vỡ"))
    refused(lambda: centre.move(lot, "wasted", 1), "DH422")
    refused(lambda: centre.move(lot, "used", 1), "DH422")
    refused(lambda: centre.move(lot, "arrived", 1), "DH422")
    refused(lambda: centre.move("NO-LOT", "received", 1), "DH422")
    moved = centre.move(lot, "moved", 4, other_place=centre.far)
    centre.move(lot, "returned", 1, reason="thừa", at=centre.far)
    centre.move(lot, "corrected", -2, reason="kiểm kê")
    assert centre.book(centre.point, lot)["balance"] == 4
    assert centre.book(centre.far, lot)["balance"] == 3
    table = "register.stock_movements"
    refused(lambda: centre.sql(f"UPDATE {table} SET doses = 1 WHERE id = %s", moved))
    refused(lambda: centre.sql(f"DELETE FROM {table} WHERE id = %s", moved))


def test_twenty_who_take_at_once_get_what_there_is(centre: Centre) -> None:
    lot = centre.new_lot(10)
    done = at_once(lambda n: centre.move(lot, "wasted", 1, reason=str(n)), list(range(20)))
    assert done == {"done": 10, "DH409": 10}
    assert centre.book(centre.point, lot)["balance"] == 0
    # Movements that cross do not hold each other up.
    centre.move(lot, "received", 10)
    centre.move(lot, "received", 10, at=centre.far)
    ways = [(centre.point, centre.far), (centre.far, centre.point)] * 4
    done = at_once(lambda w: centre.move(lot, "moved", 1, at=w[0], other_place=w[1]), ways)
    assert done == {"done": 8}
    assert centre.book(None, lot)["balance"] == 20


def test_doses_of_one_statement_leave_the_stock_together(centre: Centre) -> None:
    lot, other = centre.new_lot(5), centre.new_lot(2, at=centre.far)

    def enter(*of: tuple[str, str]) -> None:
        rows = [(centre.new_person(), place, batch) for place, batch in of]
        with centre.acting("health") as cursor:
            execute_values(
                cursor,
                "INSERT INTO register.vaccinations (person_id, place, lot, given_at) VALUES %s",
                rows,
                template="(%s, %s, %s, now() - interval '1 hour')",
            )

    here, there = (centre.point, lot), (centre.far, other)
    assert "chỉ còn 2 liều" in refused(lambda: enter(here, here, there, there, there))
    assert "chỉ còn 0 liều" in refused(lambda: enter((centre.far, lot)))
    assert centre.book(None, lot)["used"] == 0
    enter(here, there, here, here)
    kept = centre.sql(
        "SELECT place, lot, balance FROM register.stock_movements WHERE kind = 'used'"
        " AND lot = ANY (%s) ORDER BY 1, 2, 3",
        [lot, other],
    )
    assert sorted(kept) == sorted([(*here, 2), (*here, 3), (*here, 4), (*there, 1)])
    assert centre.book(centre.point, lot)["balance"] == 2
    # Two sheets that cross do not wait for each other, and get what there is.
    done = at_once(lambda pair: enter(*pair), [(here, there), (there, here)])
    assert done == {"done": 1, "DH409": 1}
    assert centre.book(None, other)["balance"] == centre.book(None, other)["on_hand"] == 0


def session(centre: Centre, capacity: int, vaccine: str = "pfizer") -> str:
    ((day,),) = centre.sql("SELECT dieuhanh.today() + 1")
    return centre.make(
        "vaccination_sessions",
        place=centre.point,
        day=day,
        vaccine=vaccine,
        opens="08:00",
        closes="10:00",
        slot_minutes=60,
        slot_capacity=capacity,
    )


def test_slots_are_filled_by_priority_and_never_over(centre: Centre) -> None:
    centre.sql("UPDATE register.vaccination_registrations SET state = 'cancelled'")
    last = centre.register("others")
    first = centre.register("front_line")
    young = centre.register("front_line", year=2015)
    away = centre.register("front_line", district=FAR)
    more = [centre.register("essential_services") for _ in range(5)]
    made = [session(centre, 2), session(centre, 1)]
    done = at_once(
        lambda one: centre.act(one, "vaccination_sessions_invite", reach="district"),
        made * 4,
    )
    assert done == {"done": 8}
    rows = centre.sql(
        "SELECT s.session_id, s.starts_at, s.capacity, s.taken, count(r.id)"
        " FROM register.session_slot AS s LEFT JOIN register.vaccination_registrations AS r"
        " ON r.session_id = s.session_id AND r.slot_at = s.starts_at AND r.state = 'invited'"
        " WHERE s.session_id = ANY (%s::uuid[]) GROUP BY 1, 2, 3, 4",
        made,
    )
    assert len(rows) == 4
    assert all(taken == people <= capacity for _, _, capacity, taken, people in rows)
    assert sum(row[4] for row in rows) == 6
    states = dict(centre.sql("SELECT id::text, state FROM register.vaccination_registrations"))
    assert [states[one] for one in (first, *more)] == ["invited"] * 6
    assert [states[one] for one in (last, young, away)] == ["waiting"] * 3
    # Who is let go makes room for the next; a session that is cancelled lets everybody go.
    centre.act(first, "vaccination_registrations_release", reason="bận")
    ((free,),) = centre.sql(
        "SELECT sum(capacity - taken) FROM register.session_slot"
        " WHERE session_id = ANY (%s::uuid[])",
        made,
    )
    assert free == 1
    for one in made:
        centre.act(one, "vaccination_sessions_cancel", reason="mưa bão")
    ((waiting,),) = centre.sql(
        "SELECT count(*) FROM register.vaccination_registrations"
        " WHERE state = 'waiting' AND place = 'home' AND slot_at IS NULL"
    )
    assert waiting == 9
