"""The health department traces whom the sick have met, and everybody's looks are on record.

Each case has two places of its own, where the simulator knows who was there with whom; the
checkpoints send what it plants there among their own. No answer is lost here, so that the record of
looks can be compared to the last one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.departments.desk import Answer, Book, Day, Department, Headers, crew, now, together
from layers.accounts import Post
from layers.roles import DISTRICT, Role

CASES = 60
ASKERS = 3
CLOSED = 3
"""Of every so many cases, one is closed on the same day."""
_PATH = "/api/tracing"
_LOOKS = """
SELECT code, what, count(*) AS n FROM private.trace_look WHERE login LIKE 'day.%' GROUP BY 1, 2
"""
Minutes = dict[str, int]


@dataclass(slots=True)
class Case:
    """Somebody who is sick, and what the simulator knows of it.

    Attributes:
        sites: the codes in the posters of two places.
        first, second: names, and how many minutes each was together with who was met.
        id, code: of the request.
    """

    number: int
    sites: tuple[str, str]
    district: str
    began: datetime
    people: int = 0
    first: Minutes = field(default_factory=dict)
    second: Minutes = field(default_factory=dict)
    id: str = ""
    code: str = ""

    def identity(self, person: int) -> str:
        """The identity number of one of its people; 0 is who is sick."""
        return f"049{10_000_000 + self.number * 100 + person:09d}"


class Tracing(Department):
    """Requests that two people make, the search, calls, and what districts are handed."""

    name = "tracing"

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.pieces = day.of(CASES, 3)
        self.looks: Counter[tuple[str, str]] = Counter()
        self.once: Counter[str] = Counter()
        self.differing: list[str] = []
        self.unrefused: list[str] = []

    async def open(self) -> None:
        """Who asks, who approves, and the districts; what is planted for the checkpoints."""
        day = self.day
        post = Post(Role.OFFICER, ("health",))
        self.askers = [await day.hire(f"day.tracing.{n}", post) for n in range(ASKERS)]
        self.approvers = [await day.hire(f"day.approver.{n}", post) for n in (1, 2)]
        registrar = await day.hire("day.registrar", Post(Role.OFFICER, ("it",)))
        places = [
            one["geometry"]
            for one in await day.features("checkpoints", registrar)
            if one["properties"]["district_code"]
        ]
        self.cases = [
            await self._case(number, day.chance.choice(places), registrar)
            for number in range(self.pieces)
        ]
        self.districts: dict[str, Headers] = {}
        for code in sorted({case.district for case in self.cases}):
            theirs = Post(Role.OFFICER, (DISTRICT,), districts=(code,))
            self.districts[code] = await day.hire(f"day.traced{code}", theirs)

    async def _case(self, number: int, geometry: dict[str, Any], registrar: Headers) -> Case:
        """Two new control points, and the visits to them."""
        sites = []
        for letter in "AB":
            code = f"NGAY-{number}{letter}"
            facts = {"code": code, "name": f"Chợ {code}", "kind": "market", "state": "active"}
            feature = {"type": "Feature", "geometry": geometry, "properties": facts}
            path, typed = "/ogc/collections/control_points/items", "application/geo+json"
            sites.append(
                await self.day.ask(
                    "new control point", "POST", path, registrar, feature, {"Content-Type": typed}
                )
            )
        told = [one.body["properties"] for one in sites]
        began = now() - timedelta(minutes=self.day.chance.randint(1500, 2500))
        codes = (told[0]["qr_code"], told[1]["qr_code"])
        case = Case(number, codes, told[0]["district_code"], began)
        self._plant(case)
        return case

    def _plant(self, case: Case) -> None:
        """Minutes of the day: who is sick is at A for an hour, the first of F1 later at B."""
        chance = self.day.chance
        self._visit(case, 0, 0, 60)
        for _ in range(chance.randint(1, 5)):
            came, stayed = chance.randint(-20, 60), chance.randint(10, 60)
            name = self._visit(case, 0, came, came + stayed)
            case.first[name] = max(0, min(came + stayed, 60) - max(came, 0))
        self._visit(case, 1, 300, 330, person=1)
        for _ in range(chance.randint(1, 4)):
            came, stayed = chance.randint(290, 330), chance.randint(10, 60)
            name = self._visit(case, 1, came, came + stayed)
            case.second[name] = max(0, min(came + stayed, 330) - max(came, 300))
        # Nobody's contacts: long before, long after.
        for site, came in ((0, -120), (0, 160), (1, 430)):
            self._visit(case, site, came, came + 30)

    def _visit(self, case: Case, site: int, came: int, went: int, person: int | None = None) -> str:
        """Plant somebody's visit, a new person's unless told otherwise; their name."""
        if person is None:
            person, case.people = case.people, case.people + 1
        name = f"Người gặp {case.number}.{person}"
        for direction, minute in (("in", came), ("out", went)):
            self.day.planted.append(
                {
                    "id": self.day.uuid(),
                    "at": (case.began + timedelta(minutes=minute)).isoformat(),
                    "site": case.sites[site],
                    "direction": direction,
                    "id_card": f"{case.identity(person)}||{name}|01021980|Nữ|",
                }
            )
        return name

    async def work(self) -> None:
        """All cases, once the checkpoints know the people."""
        await self.day.planted_sent.wait()
        await crew(ASKERS, self.cases, self._trace)

    async def _trace(self, case: Case) -> None:
        asker = self.askers[case.number % ASKERS]
        await self._ask(case, asker)
        await self._refused(case, asker, "approve", {"approve": True})
        await self._refused(case, asker, "result", {})
        await self._once(case, "approve", self.approvers, {"approve": True})
        await self._once(case, "search", [asker, self.approvers[0]])
        contacts = await self._compare(case, asker)
        await crew(2, contacts, lambda one: self._call(case, asker, one))
        form = self.day.chance.choice(("xlsx", "csv"))
        await self._look(case, asker, "export", {"format": form})
        await self._hand_over(case)
        if case.number % CLOSED == 0:
            await self._look(case, asker, "close")
            await self._refused(case, asker, "result", {})
        self.done()

    async def _ask(self, case: Case, asker: Headers) -> None:
        body = {
            "identity": case.identity(0),
            "reason": "Ca dương tính trong ngày",
            "case_ref": f"NGAY-{case.number}",
            "days": 3,
            "minutes": 15,
            "orders": 2,
        }
        # An officer may not ask as fast as this one does.
        answer = await self.day.insist("tracing: ask", "POST", _PATH, asker, body)
        case.id, case.code = answer.body["id"], answer.body["code"]
        self.looks[case.code, "ask"] += 1

    async def _look(self, case: Case, who: Headers, what: str, body: Any = None) -> Answer:
        """Something that is on record if it was done, and only then."""
        path = f"{_PATH}/{case.id}/{'decision' if what == 'approve' else what}"
        answer = await self.day.ask(f"tracing: {what}", "POST", path, who, body)
        self.looks[case.code, what] += answer.good
        return answer

    async def _refused(self, case: Case, who: Headers, what: str, body: Any) -> None:
        answer = await self._look(case, who, what, body)
        if answer.status != 403:
            self.unrefused.append(f"{case.code}, {what}: {answer.status}")

    async def _once(self, case: Case, what: str, both: list[Headers], body: Any = None) -> None:
        """Two do the same at the same moment: one of them does."""
        answers = await together(*(self._look(case, who, what, body) for who in both))
        self.once[what] += sum(answer.good for answer in answers)

    async def _compare(self, case: Case, asker: Headers) -> list[int]:
        """Look at both orders; the contacts of the first."""
        listed: list[list[dict[str, Any]]] = []
        for degree, planted in ((1, case.first), (2, case.second)):
            answer = await self._look(case, asker, "result", {"degree": degree})
            listed.append(answer.body["contacts"])
            found = {one["name"]: one["minutes"] for one in listed[-1]}
            if found != planted:
                self.differing.append(f"{case.code}, F{degree}: {found}, planted {planted}")
        return [one["id"] for one in listed[0]]

    async def _call(self, case: Case, asker: Headers, contact: int) -> None:
        """Look somebody up, call, and say what came of it, which shows them once more."""
        path = f"{_PATH}/contacts/{contact}"
        answer = await self.day.ask("tracing: contact", "POST", path, asker)
        self.looks[case.code, "contact"] += answer.good
        body = {"state": "reached", "note": "Đã gọi, tự cách ly tại nhà"}
        answer = await self.day.ask("tracing: mark", "PUT", path, asker, body)
        self.looks[case.code, "mark"] += answer.good
        self.looks[case.code, "contact"] += answer.good

    async def _hand_over(self, case: Case) -> None:
        """The district looks at what it has been handed: all of these, and others'."""
        who, path = self.districts[case.district], f"{_PATH}/handed"
        answer = await self.day.insist("tracing: handed", "POST", path, who, {"limit": 200})
        contacts = answer.body["contacts"]
        for code in {one["code"] for one in contacts}:
            self.looks[code, "handed"] += 1
        found = {one["name"] for one in contacts if one["code"] == case.code}
        if found != {*case.first, *case.second}:
            self.differing.append(f"{case.code}, handed: {sorted(found)}")

    async def close(self) -> list[Book]:
        """Who was planted is found, by nobody alone; each look is on record, and nothing else."""
        kept = {(row["code"], row["what"]): row["n"] for row in await self.day.sql.fetch(_LOOKS)}
        looks = +self.looks
        untold = [case.code for case in self.cases if await self._told(case) != _of(looks, case)]
        found = await self.day.count(
            "SELECT count(*) FROM private.trace_contact AS c JOIN private.trace_request AS r"
            " ON r.id = c.request_id WHERE r.asked_login LIKE 'day.%'"
        )
        planted = sum(len(case.first) + len(case.second) for case in self.cases)
        return [
            Book("contacts planted, found", planted, found),
            Book("cases with other contacts or minutes", [], self.differing[:5]),
            Book("looks before approval, own approvals, refused", [], self.unrefused[:5]),
            Book("requests approved by two at once, once", self.pieces, self.once["approve"]),
            Book("requests searched by two at once, once", self.pieces, self.once["search"]),
            Book("looks taken, on record", looks.total(), sum(kept.values())),
            Book("requests and kinds of looks that differ", [],
                 sorted(f"{one}" for one in dict(looks).items() ^ kept.items())),
            Book("requests whose looks the API tells otherwise", [], untold),
        ]  # fmt: skip

    async def _told(self, case: Case) -> Counter[str]:
        path = f"{_PATH}/{case.id}"
        answer = await self.day.ask("tracing: request", "GET", path, self.approvers[0])
        return Counter(one["what"] for one in answer.body["looks"])


def _of(looks: Counter[tuple[str, str]], case: Case) -> Counter[str]:
    return Counter({what: n for (code, what), n in looks.items() if code == case.code})
