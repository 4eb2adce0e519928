"""Vaccination coverage of a commune: from its doses where all are here, else as reported."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from layers.outbreaks.keeping import Computing
from tests.db.test_vaccination import centre
from tests.vaccinating import FAR, Centre

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


def counted(centre: Centre) -> str:
    """What levels follow from, once doses have been counted."""
    centre.sql("SELECT private.count_doses()")
    return str(centre.sql("SELECT private.epidemic_now()")[0][0])


def test_a_dose_of_an_earlier_day_makes_levels_anew(centre: Centre) -> None:
    lot = centre.new_lot(30)
    first = centre.given(centre.new_person(), lot, 3)
    ((commune,),) = centre.sql("SELECT residence FROM register.vaccinations WHERE id = %s", first)
    centre.sql("DELETE FROM private.counted_resident")
    without = counted(centre)
    centre.given(centre.new_person(), lot, 3)
    assert counted(centre) == without, "coverage is as reported"
    centre.sql(
        "INSERT INTO private.counted_resident VALUES (%s, dieuhanh.today() - 9, 1000, 100)", commune
    )
    before = counted(centre)
    centre.given(centre.new_person(), lot, 0)
    centre.given(centre.new_person(district=FAR), lot, 3)
    assert counted(centre) == before, "today's, and of another commune"
    seen = {before}
    late = centre.given(centre.new_person(), lot, 2)
    assert counted(centre) not in seen
    seen.add(counted(centre))
    centre.sql("UPDATE register.vaccinations SET is_adult = false WHERE id = %s", late)
    assert counted(centre) not in seen
    seen.add(counted(centre))
    for dose in (late, first):
        centre.sql("UPDATE register.vaccinations SET state = 'void' WHERE id = %s", dose)
    assert counted(centre) not in seen


def test_upkeep_computes_the_level_after_a_late_dose(centre: Centre) -> None:
    lot = centre.new_lot(30)
    (commune,) = {
        centre.sql(
            "SELECT residence FROM register.vaccinations WHERE id = %s",
            centre.given(centre.new_person(), lot, 5),
        )[0][0]
        for _ in range(5)
    }
    centre.sql("DELETE FROM private.counted_resident")
    centre.sql(
        "INSERT INTO private.counted_resident VALUES (%s, dieuhanh.today() - 9, 1000, 100)", commune
    )

    async def round_of_upkeep() -> None:
        connection = await asyncpg.connect(centre.url)
        try:
            async with connection.transaction():
                await Computing(centre.url)(connection)
        finally:
            await connection.close()

    def level() -> tuple[Any, ...]:
        counted(centre)
        asyncio.run(round_of_upkeep())
        (found,) = centre.sql(
            "SELECT adults_percent, coverage_source, computed_at FROM register.risk_day"
            " WHERE day = dieuhanh.today() AND commune_code = %s", commune,
        )  # fmt: skip
        return found

    percent, source, at = level()
    assert source == "doses"
    assert level() == (percent, source, at), "nothing has changed"
    centre.given(centre.new_person(), lot, 2)
    assert level()[:2] == (round(percent + 0.1, 1), "doses")
