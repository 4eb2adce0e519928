"""Edits as a caller's database role: what is checked, what is refused, what is undone."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg2
import pytest

from layers.catalogue import CATALOGUE
from layers.database import Database
from layers.history import UnknownState, own_changes
from layers.refusals import Invalid, MatchRequired, NoFeature, NotAllowed, Stale
from layers.roles import ANYONE, Caller, Role
from layers.transactions import Editor, Match, Written
from layers.validation import Draft, Receiver
from spatial.crs import CRS84, Crs, crs_from_srid

INSIDE = {"type": "Point", "coordinates": [108.48, 15.56]}
"""In Tam Kỳ."""
ELSEWHERE = {"type": "Point", "coordinates": [108.33, 15.88]}
"""In Hội An."""
HANOI = {"type": "Point", "coordinates": [105.85, 21.03]}

Run = Callable[[Callable[[Database], Awaitable[Any]]], Any]


@pytest.fixture(scope="module")
def own_database_url(cluster: Any, template_database: str) -> str:
    """A copy of the demo for the tests of this module, which make what they change."""
    from api.cli.database import create_database

    return create_database(cluster, "editing", template_database)


@pytest.fixture(scope="module")
def ask(own_database_url: str) -> Iterator[Callable[..., list[Any]]]:
    """SQL as the owner."""
    connection = psycopg2.connect(own_database_url)
    connection.autocommit = True

    def run(text: str, *values: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()


@pytest.fixture(scope="module")
def district(ask: Any) -> dict[str, str]:
    """The districts of the two places."""
    return {
        name: ask("SELECT (dieuhanh.locate(ST_SetSRID(ST_MakePoint(%s, %s), 4326))).district_code",
                  *shape["coordinates"])[0][0]
        for name, shape in (("inside", INSIDE), ("elsewhere", ELSEWHERE))
    }  # fmt: skip


@pytest.fixture(scope="module")
def account(ask: Any) -> Callable[..., Caller]:
    """`account(role, departments, districts, layers)`: a caller with an account."""

    def make(
        role: Role,
        departments: tuple[str, ...] = (),
        districts: tuple[str, ...] = (),
        layers: tuple[str, ...] = (),
    ) -> Caller:
        login = f"{role.value}.{uuid.uuid4().hex[:8]}"
        ((number,),) = ask(
            "INSERT INTO private.account (login, role, departments, districts, layers)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING id",
            login, role.value, list(departments), list(districts), list(layers),
        )  # fmt: skip
        return Caller(role, number, login, departments, districts, layers)

    return make


@pytest.fixture(scope="module")
def officer(account: Any, district: dict[str, str]) -> Caller:
    """An officer of the district of `INSIDE`."""
    caller: Caller = account(Role.OFFICER, ("district",), (district["inside"],))
    return caller


@pytest.fixture
def run(own_database_url: str) -> Run:
    """Run something with a database that is opened for it."""

    def go(work: Callable[[Database], Awaitable[Any]]) -> Any:
        async def opened() -> Any:
            database = Database(
                own_database_url, pool_size=2, statement_timeout=30, acquire_timeout=10
            )
            await database.open()
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(opened())

    return go


def checkpoint(**changes: Any) -> dict[str, Any]:
    """A new checkpoint."""
    properties = {
        "code": f"CK-{uuid.uuid4().hex[:8]}",
        "name": "Chốt thử",
        "kind": "province_border",
    }
    geometry = changes.pop("geometry", INSIDE)
    return {"type": "Feature", "geometry": geometry, "properties": {**properties, **changes}}


def receiver(caller: Caller, name: str = "checkpoints", crs: Crs = CRS84) -> Receiver:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    return Receiver(CATALOGUE[name], caller.role, crs, zone, 10_000)


def create(run: Run, caller: Caller, *features: Any, name: str = "checkpoints") -> Written:
    drafts = [receiver(caller, name).created(feature) for feature in features]
    written: Written = run(lambda db: Editor(db, CATALOGUE[name], caller).create(drafts))
    return written


def change(
    run: Run,
    caller: Caller,
    identifier: Any,
    draft: Draft,
    match: Match | None = None,
    *,
    name: str = "checkpoints",
    whole: bool = False,
) -> Written:
    layer = CATALOGUE[name]
    written: Written = run(
        lambda db: Editor(db, layer, caller).change(identifier, draft, match, whole=whole)
    )
    return written


def test_a_feature_is_created_in_the_district_and_refused_outside(
    run: Run, ask: Any, officer: Caller, district: dict[str, str]
) -> None:
    written = create(run, officer, checkpoint())
    feature = orjson.loads(written.features[0])
    assert feature["geometry"] == INSIDE
    assert feature["properties"]["district_code"] == district["inside"]
    assert feature["properties"]["state"] == "open"
    ((version, actor),) = ask(
        "SELECT l.version, c.actor FROM dieuhanh.change AS c"
        " JOIN dieuhanh.commit_log AS l ON l.id = c.commit_id"
        " WHERE c.layer = 'checkpoints' AND c.feature_id = %s",
        written.identifiers[0],
    )
    assert (version, actor) == (written.version, officer.login)
    with pytest.raises(NotAllowed) as refused:
        create(run, officer, checkpoint(geometry=ELSEWHERE))
    assert refused.value.because == "row"


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.VIEWER, Role.ANALYST, Role.RESCUER])
def test_roles_that_do_not_edit_are_refused(run: Run, account: Any, role: Role) -> None:
    caller = ANYONE if role is Role.PUBLIC else account(role, ("it", "district"))
    with pytest.raises(NotAllowed) as refused:
        create(run, caller, checkpoint())
    assert refused.value.because == "role"


def test_an_officer_of_another_department_or_layer_is_refused(run: Run, account: Any) -> None:
    health = account(Role.OFFICER, ("health",))
    narrowed = account(Role.OFFICER, ("it",), (), ("admin_units",))
    for caller in (health, narrowed):
        with pytest.raises(NotAllowed):
            create(run, caller, checkpoint())


def test_a_read_only_key_changes_nothing(run: Run, account: Any) -> None:
    admin = account(Role.ADMIN)
    key = Caller(Role.ADMIN, admin.account, admin.login, read_only=True)
    with pytest.raises(NotAllowed) as refused:
        create(run, key, checkpoint())
    assert refused.value.because == "key"


def test_every_fault_is_listed_by_column(run: Run, account: Any) -> None:
    admin = account(Role.ADMIN)
    wrong = {
        "code": "x" * 25, "name": " ", "kind": "no_such_kind", "wifi": "yes", "in_today": -1,
        "officers": 2.5, "out_today": 2**31, "commune_code": "123", "no_such": 1, "road": 7,
    }  # fmt: skip
    bow = {"type": "Point", "coordinates": [108.48, float("inf")]}
    with pytest.raises(Invalid) as refused:
        create(run, admin, checkpoint(**wrong, geometry=bow))
    faults = {fault.column: fault for fault in refused.value.faults}
    assert faults.keys() == {*wrong, "geometry"}
    assert "no_such_kind" in str(faults["kind"].value)
    assert faults["kind"].rule.en.startswith("must be one of: province_border")
    assert faults["kind"].rule.vi.startswith("phải là một trong: province_border")
    with pytest.raises(Invalid) as refused:
        create(run, admin, {"type": "Feature", "properties": {}, "geometry": None})
    missing = {fault.column for fault in refused.value.faults}
    assert missing == {"code", "name", "kind", "geometry"}


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (HANOI, "outside of the province"),
        ({"type": "LineString", "coordinates": [[108, 15], [108.1, 15]]}, "holds Point"),
        ({"type": "Point", "coordinates": [15.56, 108.48]}, "lies outside of"),
        ({"type": "Point", "coordinates": [108.48]}, "must be two numbers"),
        ({"type": "Point", "coordinates": None}, "must be two numbers"),
        ({"type": "Curve"}, "must be a GeoJSON geometry"),
        ("POINT(1 2)", "must be a GeoJSON geometry"),
    ],
)
def test_points_that_are_refused(run: Run, account: Any, geometry: Any, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(run, account(Role.ADMIN), checkpoint(geometry=geometry))
    (fault,) = refused.value.faults
    assert fault.column == "geometry"
    assert said in fault.rule.en


def unit(rings: Any) -> dict[str, Any]:
    properties = {"code": uuid.uuid4().hex[:8], "name": "Thử", "level": "district",
                  "kind": "town", "structure": "2021"}  # fmt: skip
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@pytest.mark.parametrize(
    ("rings", "said"),
    [
        ([[[108, 15], [108.1, 15.1], [108.1, 15], [108, 15.1], [108, 15]]], "Self-intersection"),
        ([[[108, 15], [108.1, 15], [108.1, 15.1], [108, 15.1]]], "not closed"),
        ([[[108, 15], [108.1, 15], [108, 15]]], "4 positions or more"),
        ([], "empty"),
        ([[[108 + n / 1e5, 15] for n in range(10_001)]], "more than 10,000 positions"),
    ],
)
def test_areas_that_are_refused(run: Run, account: Any, rings: Any, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(run, account(Role.ADMIN), unit(rings), name="admin_units")
    (fault,) = refused.value.faults
    assert said in fault.rule.en
    if said.startswith("Self"):
        assert fault.value == "108.05, 15.05"


def test_an_area_becomes_a_collection_of_one(run: Run, account: Any) -> None:
    square = [[[108, 15], [108.1, 15], [108.1, 15.1], [108, 15.1], [108, 15]]]
    written = create(run, account(Role.ADMIN), unit(square), name="admin_units")
    feature = orjson.loads(written.features[0])
    assert feature["geometry"] == {"type": "MultiPolygon", "coordinates": [square]}
    assert written.identifiers == (feature["properties"]["code"],)


@pytest.mark.parametrize("srid", [4326, 3857, 4756, 3405, 3406, 5899])
def test_coordinates_in_a_listed_system(run: Run, account: Any, srid: int) -> None:
    """What is read in a system and written back in it stays where it was."""
    crs, admin = crs_from_srid(srid), account(Role.ADMIN)
    layer = CATALOGUE["checkpoints"]
    made = int(create(run, admin, checkpoint()).identifiers[0])
    nothing = Draft()
    seen: Written = run(
        lambda db: Editor(db, layer, admin, crs).change(made, nothing, None, whole=False)
    )
    feature = orjson.loads(seen.features[0])
    draft = receiver(admin, crs=crs).replaced(feature)
    again: Written = run(
        lambda db: Editor(db, layer, admin, crs).change(made, draft, None, whole=True)
    )
    assert orjson.loads(again.features[0])["geometry"] == feature["geometry"]
    plain = change(run, admin, made, Draft())
    lon, lat = orjson.loads(plain.features[0])["geometry"]["coordinates"]
    assert lon == pytest.approx(INSIDE["coordinates"][0], abs=2e-7)
    assert lat == pytest.approx(INSIDE["coordinates"][1], abs=2e-7)


def test_a_replacement_resets_what_it_leaves_out_and_a_patch_keeps_it(
    run: Run, officer: Caller
) -> None:
    made = create(run, officer, checkpoint(wifi=True, officers=4, hours="24/24", state="closed"))
    number = int(made.identifiers[0])
    kept = orjson.loads(made.features[0])
    patch = receiver(officer).merged({"properties": {"officers": 5, "hours": None}})
    patched = orjson.loads(change(run, officer, number, patch).features[0])
    assert patched["properties"] | {"updated_at": 0} == kept["properties"] | {
        "officers": 5, "hours": None, "updated_at": 0,
    }  # fmt: skip
    bare = checkpoint(code=kept["properties"]["code"])
    replaced = change(run, officer, number, receiver(officer).replaced(bare), whole=True)
    properties = orjson.loads(replaced.features[0])["properties"]
    assert (properties["officers"], properties["wifi"]) == (None, False)
    assert properties["state"] == "open"


def test_read_only_values_may_come_back_as_they_are_and_not_otherwise(
    run: Run, officer: Caller
) -> None:
    made = create(run, officer, checkpoint())
    number = int(made.identifiers[0])
    feature = orjson.loads(made.features[0])
    change(run, officer, number, receiver(officer).replaced(feature), whole=True)
    feature["properties"]["district_code"] = "999"
    feature["id"] = number + 1
    with pytest.raises(Invalid) as refused:
        change(run, officer, number, receiver(officer).replaced(feature), whole=True)
    assert {fault.column for fault in refused.value.faults} == {"district_code", "id"}


def test_a_row_that_policy_hides_from_change_is_no_missing_row(
    run: Run, account: Any, officer: Caller
) -> None:
    admin = account(Role.ADMIN)
    other = int(create(run, admin, checkpoint(geometry=ELSEWHERE)).identifiers[0])
    patch = receiver(officer).merged({"properties": {"officers": 9}})
    with pytest.raises(NotAllowed) as refused:
        change(run, officer, other, patch)
    assert refused.value.because == "row"
    layer = CATALOGUE["checkpoints"]
    with pytest.raises(NotAllowed):
        run(lambda db: Editor(db, layer, officer).remove(other, None))
    with pytest.raises(NoFeature):
        change(run, officer, 10**9, patch)
    own = int(create(run, officer, checkpoint()).identifiers[0])
    away = receiver(officer).merged({"geometry": ELSEWHERE})
    with pytest.raises(NotAllowed):
        change(run, officer, own, away)


def test_a_stale_edit_gets_both_versions(run: Run, officer: Caller) -> None:
    made = create(run, officer, checkpoint(officers=1))
    number = int(made.identifiers[0])
    first = Match(versions=(made.version,))
    again = create(run, officer, checkpoint())
    assert again.version > made.version
    two = receiver(officer).merged({"properties": {"officers": 2}})
    later = change(run, officer, number, two, first)
    three = receiver(officer).merged({"properties": {"officers": 3}})
    with pytest.raises(Stale) as refused:
        change(run, officer, number, three, first)
    stale = refused.value
    assert stale.yours is not None
    assert stale.current is not None
    assert stale.yours == orjson.loads(made.features[0])
    assert stale.current == orjson.loads(later.features[0])
    never = Match(versions=(later.version + 1000,))
    with pytest.raises(Stale):
        change(run, officer, number, three, never)
    change(run, officer, number, three, Match(anything=True))
    layer = CATALOGUE["checkpoints"]
    gone = run(lambda db: Editor(db, layer, officer).remove(number, None))
    with pytest.raises(Stale) as refused:
        change(run, officer, number, three, Match(versions=(gone.version - 1,)))
    assert refused.value.current is None


def test_an_edit_that_changes_nothing_has_no_new_version(run: Run, officer: Caller) -> None:
    made = create(run, officer, checkpoint(officers=1))
    number = int(made.identifiers[0])
    same = receiver(officer).merged({"properties": {"officers": 1}})
    assert change(run, officer, number, same).version == made.version


def test_a_layer_may_demand_a_match(run: Run, account: Any) -> None:
    coordinator = account(Role.COORDINATOR, ("rescue_coordination",))
    own = uuid.uuid4()
    request = {
        "type": "Feature", "id": str(own), "geometry": ELSEWHERE,
        "properties": {"category": "medical", "priority": "high", "people": 3},
    }  # fmt: skip
    made = create(run, coordinator, request, name="sos_requests")
    assert made.identifiers == (str(own),)
    patch = receiver(coordinator, "sos_requests").merged({"properties": {"people": 4}})
    with pytest.raises(MatchRequired):
        change(run, coordinator, own, patch, name="sos_requests")
    match = Match(versions=(made.version,))
    change(run, coordinator, own, patch, match, name="sos_requests")
    with pytest.raises(Invalid) as refused:
        create(run, coordinator, request, name="sos_requests")
    assert refused.value.conflict
    assert [fault.column for fault in refused.value.faults] == ["id"]


def test_exact_positions_are_moved_also_to_where_the_coarse_one_was(
    run: Run, ask: Any, account: Any
) -> None:
    coordinator = account(Role.COORDINATOR, ("rescue_coordination",))
    exact = {"type": "Point", "coordinates": [108.48123, 15.56456]}
    request = {
        "type": "Feature", "geometry": exact,
        "properties": {"category": "medical", "priority": "high"},
    }  # fmt: skip
    made = create(run, coordinator, request, name="sos_requests")
    assert orjson.loads(made.features[0])["geometry"] == exact
    coarse = {"type": "Point", "coordinates": [108.481, 15.565]}
    draft = receiver(coordinator, "sos_requests").merged({"geometry": coarse})
    own = uuid.UUID(made.identifiers[0])
    moved = change(run, coordinator, own, draft, Match(anything=True), name="sos_requests")
    assert orjson.loads(moved.features[0])["geometry"] == coarse
    found = ask(
        "SELECT ST_X(geom_exact), ST_X(geom) FROM layer.sos_requests WHERE id = %s", str(own)
    )
    assert found == [(108.481, 108.481)]


def test_a_batch_is_all_or_nothing(run: Run, ask: Any, officer: Caller) -> None:
    before = ask("SELECT count(*) FROM layer.checkpoints")
    batch = [checkpoint() for _ in range(40)]
    batch[7] = checkpoint(kind="wrong")
    batch[9] = checkpoint(geometry=HANOI)
    with pytest.raises(Invalid) as refused:
        create(run, officer, *batch)
    assert [(f.index, f.column) for f in refused.value.faults] == [(7, "kind"), (9, "geometry")]
    batch[7] = checkpoint(code=batch[3]["properties"]["code"])
    batch[9] = checkpoint(code=batch[4]["properties"]["code"])
    with pytest.raises(Invalid) as refused:
        create(run, officer, *batch)
    assert refused.value.conflict
    assert [(f.index, f.column) for f in refused.value.faults] == [(7, "code"), (9, "code")]
    batch[7] = checkpoint(geometry=ELSEWHERE)
    batch[9] = checkpoint()
    with pytest.raises(NotAllowed) as denied:
        create(run, officer, *batch)
    assert denied.value.indexes == (7,)
    assert ask("SELECT count(*) FROM layer.checkpoints") == before
    batch[7] = checkpoint(state="closed", hours="7:00–22:00")
    written = create(run, officer, *batch)
    codes = [orjson.loads(feature)["properties"]["code"] for feature in written.features]
    assert codes == [feature["properties"]["code"] for feature in batch]
    ((versions,),) = ask(
        "SELECT count(DISTINCT commit_id) FROM dieuhanh.change"
        " WHERE layer = 'checkpoints' AND feature_id = ANY (%s)",
        list(written.identifiers),
    )
    assert versions == 1


def test_columns_that_do_not_agree_are_named(run: Run, account: Any) -> None:
    tourism = account(Role.OFFICER, ("tourism",))
    hotel = {
        "type": "Feature", "geometry": INSIDE,
        "properties": {"code": "KS-thử", "name": "Khách sạn", "rooms": 5, "occupied": 9},
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        create(run, tourism, hotel, name="hotels")
    assert not refused.value.conflict
    assert {fault.column for fault in refused.value.faults} == {"rooms", "occupied"}


def test_a_feature_that_others_refer_to_is_not_deleted(run: Run, ask: Any, account: Any) -> None:
    ((code,),) = ask("SELECT parent_code FROM layer.admin_units WHERE level = 'commune' LIMIT 1")
    layer = CATALOGUE["admin_units"]
    admin = account(Role.ADMIN)
    with pytest.raises(Invalid) as refused:
        run(lambda db: Editor(db, layer, admin).remove(code, None))
    assert refused.value.conflict


def test_capability_is_what_the_database_says(run: Run, account: Any, officer: Caller) -> None:
    def may(caller: Caller, name: str) -> tuple[bool, bool, bool]:
        found: tuple[bool, bool, bool] = run(
            lambda db: Editor(db, CATALOGUE[name], caller).capability()
        )
        return found

    assert may(officer, "checkpoints") == (True, True, True)
    assert may(officer, "hotels") == (False, False, False)
    assert may(account(Role.VIEWER), "checkpoints") == (False, False, False)
    assert may(account(Role.ADMIN), "admin_units") == (True, True, True)
    assert may(ANYONE, "checkpoints") == (False, False, False)


def restore(run: Run, caller: Caller, number: Any, version: int, name: str) -> Written:
    layer = CATALOGUE[name]
    written: Written = run(
        lambda db: Editor(db, layer, caller).restore(number, version, Match(anything=True))
    )
    return written


def test_a_feature_is_restored_to_any_state(run: Run, officer: Caller, account: Any) -> None:
    made = create(run, officer, checkpoint(officers=1))
    number = int(made.identifiers[0])
    layer = CATALOGUE["checkpoints"]
    patch = receiver(officer).merged({"properties": {"officers": 2, "state": "closed"}})
    second = change(run, officer, number, patch)
    gone = run(lambda db: Editor(db, layer, officer).remove(number, None))
    with pytest.raises(UnknownState):
        restore(run, officer, number, made.version - 1, "checkpoints")
    with pytest.raises(UnknownState):
        restore(run, officer, number, gone.version, "checkpoints")
    back = restore(run, officer, number, second.version, "checkpoints")
    properties = orjson.loads(back.features[0])["properties"]
    assert (properties["officers"], properties["state"]) == (2, "closed")
    first = restore(run, officer, number, made.version, "checkpoints")
    properties = orjson.loads(first.features[0])["properties"]
    assert (properties["officers"], properties["state"]) == (1, "open")
    changes = own_changes(run(lambda db: Editor(db, layer, officer).history(number, 100)))
    assert [c.op for c in changes] == ["update", "insert", "delete", "update", "insert"]
    assert {c.actor for c in changes} == {officer.login}
    with pytest.raises(NotAllowed):
        restore(run, account(Role.VIEWER), number, second.version, "checkpoints")


def test_history_hides_what_the_reader_may_not_read(run: Run, account: Any) -> None:
    coordinator = account(Role.COORDINATOR, ("rescue_coordination",))
    request = {
        "type": "Feature", "geometry": ELSEWHERE,
        "properties": {"category": "medical", "priority": "high", "injured": 2},
    }  # fmt: skip
    made = create(run, coordinator, request, name="sos_requests")
    layer, own = CATALOGUE["sos_requests"], made.identifiers[0]
    changes = run(lambda db: Editor(db, layer, coordinator).history(own, 10))
    (seen,) = own_changes(changes)
    assert seen.after is not None
    assert seen.after["injured"] == 2
    assert "geom_exact" in seen.after
    with pytest.raises(NotAllowed):
        run(lambda db: Editor(db, layer, ANYONE).history(own, 10))
