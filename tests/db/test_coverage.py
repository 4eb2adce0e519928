"""Vaccination coverage of a commune: from its doses where all are here, else as reported."""

from __future__ import annotations

from typing import Any

from tests.db.test_vaccination import centre
from tests.vaccinating import Centre

__all__ = ["centre"]


def test_coverage_is_of_the_doses_where_all_are_here_else_as_reported(centre: Centre) -> None:
    centre.sql(
        "TRUNCATE register.vaccinations, register.vaccine_reactions,"
        " register.vaccination_corrections"
    )
    lot = centre.new_lot(50)
    adults, elders = ([centre.new_person(year) for _ in range(5)] for year in (1980, 1940))
    for about in (*adults, *elders):
        centre.given(about, lot, 40)
    for about in elders:
        centre.given(about, lot, 2)
    # A child, who counts as neither, and somebody whose dose was not given.
    centre.given(centre.new_person(2010), lot, 2, reason="theo chỉ định")
    mistaken = centre.given(centre.new_person(), lot, 2)
    centre.sql("UPDATE register.vaccinations SET state = 'void' WHERE id = %s", mistaken)
    ((commune, *counts),) = centre.sql(
        "SELECT * FROM private.dose_coverage(dieuhanh.today() - 1, 65)"
    )
    assert counts == [10, 5, 5]

    def known(back: int = 0) -> tuple[Any, ...]:
        (found,) = centre.sql(
            "SELECT adults_percent, elders_percent, source, dieuhanh.today() - as_of"
            " FROM private.coverage_on(dieuhanh.today() - %s, 65) WHERE commune_code = %s",
            back, commune,
        )  # fmt: skip
        return found

    def say(table: str, back: int, *numbers: int | None) -> None:
        centre.sql(
            f"INSERT INTO private.{table} VALUES (%s, dieuhanh.today() - %s, %s, %s)",
            commune, back, *numbers,
        )  # fmt: skip

    centre.sql("DELETE FROM private.reported_coverage WHERE commune_code = %s", commune)
    centre.sql("DELETE FROM private.counted_resident")
    assert known() == (None, None, None, None)
    say("reported_coverage", 30, 61, 71)
    assert known() == (61, 71, "reported", 30)
    say("counted_resident", 20, 16, 8)
    assert known() == (62.5, 62.5, "doses", 1)
    # Before the second doses; fewer than five old people count as none.
    assert known(5) == (62.5, 0, "doses", 6)
    say("reported_coverage", 10, 62, 72)
    assert known() == (62.5, 62.5, "doses", 1)
    say("counted_resident", 3, 16, None)
    assert known() == (62.5, None, "doses", 1)
    # More than are said to live there.
    say("counted_resident", 2, 9, 8)
    assert known() == (100, 62.5, "doses", 1)
    say("counted_resident", 1, None, None)
    assert known() == (62, 72, "reported", 10)
    say("counted_resident", 0, 16, 8)
    centre.sql(
        "UPDATE register.vaccinations SET state = 'void' WHERE person_id = ANY (%s::uuid[])",
        [*adults, elders[0]],
    )
    assert known() == (62, 72, "reported", 10)
