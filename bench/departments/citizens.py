"""Citizens: they declare their health, get a card, and ask for help."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from bench.departments.desk import NOBODY, Book, Department, Figure, card_of, crew, now
from layers.accounts import Post
from layers.roles import Role

DECLARATIONS = 10_000
SOS = 500
PHONES = 12
"""People who send at a time."""
_CATEGORIES = ("trapped", "landslide", "medical", "evacuation", "food_water", "medicine")


class Declarations(Department):
    """Declarations of health: by people themselves, for families, and by officers."""

    name = "declarations"
    reports = ("declarations",)

    async def open(self) -> None:
        """Officers of the health department; the communes."""
        day = self.day
        self.pieces = day.of(DECLARATIONS, 40)
        self.officer = await day.hire("day.declaring", Post(Role.OFFICER, ("health",)))
        units = await day.features("admin_units", NOBODY)
        self.communes = sorted(
            one["properties"]["code"]
            for one in units
            if one["properties"]["level"] == "commune" and one["properties"]["parent_code"]
        )
        self.tokens: dict[str, str] = {}
        self.today = 0
        self.before = await self._stand()

    async def _stand(self) -> tuple[int, int]:
        day = self.day
        return (
            await day.count("SELECT sum(declarations) FROM private.declaration_day"),
            await day.count("SELECT sum(times) FROM private.flag"),
        )

    def _one(self, number: int) -> dict[str, Any]:
        chance = self.day.chance
        is_family = number % 5 == 1
        return {
            "id": self.day.uuid(),
            "who": "family" if is_family else "self",
            "name": f"Người khai {number}",
            "birth_year": chance.randint(1930, 2015),
            "sex": chance.choice(("female", "male")),
            "phone": f"093{number - is_family:07d}",
            "commune_code": chance.choice(self.communes),
            "symptoms": ["fever", "cough"] if chance.random() < 0.03 else [],
            "contact": chance.random() < 0.02,
            "places": chance.sample(self.communes, 2) if chance.random() < 0.2 else [],
            "elsewhere": [],
            # Some were kept by a phone without a network.
            "made_at": (now() - timedelta(hours=chance.choice((0, 0, 0, 5, 40)))).isoformat(),
            "consent": True,
        }

    async def work(self) -> None:
        """All of the declarations."""
        await crew(PHONES, range(self.pieces), self._declare)
        self.day.has_cards.set()

    async def _declare(self, number: int) -> None:
        one, day = self._one(number), self.day
        who = self.officer if number % 20 == 0 else NOBODY
        answer = await day.send("declaration", "POST", "/api/declarations", who, one)
        if answer.good:
            token = answer.body["card"]["token"]
            self.tokens[one["id"]] = token
            self.today += one["made_at"] >= day.midnight
            day.give(token)
        self.done()

    def figures(self) -> list[Figure]:
        """Those that were made today."""
        return [Figure("declarations", "declarations", "declarations", self.today)]

    async def close(self) -> list[Book]:
        """Each once, each with the card that was given, counted by day, flagged."""
        day, ids = self.day, list(self.tokens)
        cards = [card_of(token) for token in self.tokens.values()]
        declared, raised = await self._stand()
        flagged = await day.count(
            "SELECT count(*) FROM private.declaration WHERE id = ANY ($1::uuid[])"
            " AND kinds <> '{}'",
            ids,
        )
        given = await day.count(
            "SELECT count(*) FROM private.declaration AS d JOIN private.card AS c"
            " ON c.id = d.card_id AND c.person_id = d.person_id"
            " JOIN unnest($1::uuid[], $2::uuid[]) AS g (id, card) ON g.id = d.id AND g.card = c.id",
            ids,
            cards,
        )
        return [
            Book("declarations sent, answered", self.pieces, len(ids)),
            Book("declarations counted by day", self.pieces, declared - self.before[0]),
            Book("declarations with the card answered", self.pieces, given),
            Book("cards, each of another person", self.pieces, len(set(cards))),
            Book("flags raised, as declarations say", flagged, raised - self.before[1]),
        ]


class Requests(Department):
    """Requests for help, from phones; what came of them is `rescue`'s."""

    name = "requests for help"
    reports = ("rescue",)

    async def open(self) -> None:
        """The demo's own requests."""
        self.pieces = self.day.of(SOS, 20)
        self.codes: dict[str, str] = {}
        self.cancelled = 0
        self.before = await self.day.count("SELECT count(*) FROM layer.sos_requests")

    async def work(self) -> None:
        """All of them; who works on them is told when the last has come."""
        await crew(6, range(self.pieces), self._ask)
        self.day.calls.put_nowait(None)

    async def _ask(self, number: int) -> None:
        day, chance = self.day, self.day.chance
        await asyncio.sleep(chance.uniform(0, 0.2))
        one: dict[str, Any] = {
            "id": day.uuid(),
            "lon": round(chance.uniform(107.9, 108.5), 6),
            "lat": round(chance.uniform(15.4, 15.85), 6),
            "accuracy_m": 20,
            "category": chance.choice(_CATEGORIES),
            "people": chance.randint(1, 8),
            "phone": f"098{number:07d}",
            "note": f"Cần giúp {number}",
        }
        answer = await day.send("request for help", "POST", "/api/sos", NOBODY, one)
        if answer.good:
            self.codes[one["id"]] = answer.body["code"]
            if chance.random() < 0.05:
                await self._cancel(answer.body["follow"]["token"])
            else:
                day.calls.put_nowait(one["id"])
        self.done()

    async def _cancel(self, token: str) -> None:
        body = {"id": self.day.uuid(), "cancel": True}
        headers = {"X-Follow-Token": token}
        path = "/api/sos/follow"
        answer = await self.day.send("follow", "POST", path, NOBODY, body, headers)
        # Cancelled already: by the try before, whose answer was lost.
        self.cancelled += answer.good or (answer.again and answer.status == 409)

    def figures(self) -> list[Figure]:
        """All of them."""
        return [Figure("rescue", "categories", "reported", len(self.codes))]

    async def close(self) -> list[Book]:
        """Each once under a code of its own, in one state, and told so by the API."""
        day = self.day
        rows = await day.sql.fetch(
            "SELECT id::text, code, state FROM layer.sos_requests WHERE id = ANY ($1::uuid[])",
            list(self.codes),
        )
        whole = await day.count("SELECT count(*) FROM layer.sos_requests")
        unique = await day.count("SELECT count(DISTINCT code) FROM layer.sos_requests")
        base = "/ogc/collections/sos_requests/items?limit=1"
        matched = (await day.ask("count", "GET", base)).body["numberMatched"]
        states = await day.sql.fetch("SELECT DISTINCT state FROM layer.sos_requests")
        by_state = [
            (await day.ask("count", "GET", f"{base}&state={one['state']}")).body["numberMatched"]
            for one in states
        ]
        cancelled = sum(row["state"] == "cancelled" for row in rows)
        return [
            Book("requests sent, answered", self.pieces, len(self.codes)),
            Book(
                "requests with the code answered",
                self.pieces,
                sum(self.codes[row["id"]] == row["code"] for row in rows),
            ),
            Book("requests in all", self.before + self.pieces, whole),
            Book("codes, each once", whole, unique),
            Book("requests that the API tells", whole, matched),
            Book("requests by state, added up", whole, sum(by_state)),
            Book("requests cancelled", self.cancelled, cancelled),
        ]
