"""The IT department's checkpoints: who comes and goes, by the hundred, late and twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.departments.desk import (
    NOBODY,
    Answer,
    Book,
    Day,
    Department,
    Figure,
    card_of,
    crew,
    now,
    together,
)
from layers.accounts import Post
from layers.roles import Role

CHECK_INS = 800_000
BATCH = 200
REPEATED = 10
"""Events of a batch that the one before had, as of a queue that was cut off while it was sent."""
DEVICES = 6
GUESTS = 4_000
"""People who have no card of this province but an identity card."""
OWN = 2_000
"""Posters that people scan themselves."""
FORGED = 200
VISITOR = 20
"""Of every so many cards, one makes a single visit, whose end is told before its beginning."""
_PATH = "/api/check-ins"
Event = dict[str, Any]


class Checkpoints(Department):
    """Check-ins by officers' devices, in batches, and by people themselves."""

    name = "check-ins"
    reports = ("control_points",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.scans = day.of(CHECK_INS, BATCH)
        self.own, self.forged = day.of(OWN, 5), day.of(FORGED, 3)
        self.pieces = self.scans + self.own
        self.guests: set[int] = set()
        self.visitors: list[str] = []
        self.sent = self.taken = self.checksum = self.refused = 0
        self.today: Counter[str] = Counter()

    async def open(self) -> None:
        """Officers of all checkpoints; the codes in the sites' posters."""
        day = self.day
        self.officers = [await day.hire(f"day.it.{n}", Post(Role.OFFICER, ("it",))) for n in (1, 2)]
        self.sites = [
            one["properties"]["qr_code"]
            for layer in ("checkpoints", "control_points")
            for one in await day.features(layer, self.officers[0])
            if one["properties"]["state"] != "closed"
        ]
        self.before = await self._stand()

    async def _stand(self) -> dict[str, int]:
        row = await self.day.sql.fetchrow(
            "SELECT count(*) AS rows, count(DISTINCT id) AS ids,"
            " sum(('x' || left(id::text, 8))::bit(32)::bigint)::bigint AS checksum,"
            " count(*) FILTER (WHERE declared) AS declared,"
            " count(*) FILTER (WHERE how = 'self_scan') AS own FROM private.check_in"
        )
        hours = await self.day.sql.fetchrow(
            "SELECT sum(n_in + n_out)::bigint AS hours, sum(declared)::bigint AS hours_declared"
            " FROM private.check_in_hours"
        )
        return {name: value or 0 for name, value in (*row.items(), *hours.items())}

    def _plant(self) -> None:
        """Choose which of the first half of the events are others' own."""
        planted = self.day.planted
        places = self.day.chance.sample(range(self.scans // 2), len(planted))
        self.planted = dict(zip(places, planted, strict=True))
        self.waited_for = {one["id"] for one in planted}

    async def work(self) -> None:
        """All events; then the beginnings of visits, what people scan themselves, and forgeries."""
        self._plant()
        await self.day.has_cards.wait()
        await crew(DEVICES, self._batches(), self._send)
        # Whatever became of them: nobody is to wait for ever.
        self.day.planted_sent.set()
        await crew(DEVICES, self._visits("in", 150), self._send)
        await crew(DEVICES, range(self.own), self._scan_oneself)
        await crew(DEVICES, range(self.forged), self._forge)

    def _batches(self) -> Iterator[tuple[list[Event], list[Event]]]:
        """What a device sends, and what of it is new."""
        before: list[Event] = []
        for first in range(0, self.scans, BATCH - REPEATED):
            last = min(first + BATCH - REPEATED, self.scans)
            fresh = [self.planted.get(one) or self._event() for one in range(first, last)]
            yield before[-REPEATED:] + fresh, fresh
            before = fresh
        # All cards have been given by now, or nearly all.
        self.visitors = self.day.cards[::VISITOR]
        yield from self._visits("out", 90)

    def _visits(self, direction: str, minutes: float) -> Iterator[tuple[list[Event], list[Event]]]:
        for first in range(0, len(self.visitors), BATCH):
            batch = [
                self._event_of(token, minutes, self.sites[0], direction)
                for token in self.visitors[first : first + BATCH]
            ]
            yield batch, batch

    def _event(self) -> Event:
        chance = self.day.chance
        minutes = chance.uniform(1, chance.choice((1440, 1440, 1440, 4320)))
        site, direction = chance.choice(self.sites), chance.choice(("in", "out"))
        if chance.random() < 0.05:
            number = chance.randrange(self.day.of(GUESTS, 10))
            self.guests.add(number)
            card = f"049{number:09d}||Khách qua chốt {number}|01021980|Nữ|"
            return self._event_of(None, minutes, site, direction) | {"id_card": card}
        return self._event_of(self._card(), minutes, site, direction)

    def _card(self) -> str:
        """A card that is no visitor's."""
        number = self.day.chance.randrange(len(self.day.cards))
        return self.day.cards[number if number % VISITOR else number - 1 if number else 1]

    def _event_of(self, token: str | None, minutes: float, site: str, direction: str) -> Event:
        event = {
            "id": self.day.uuid(),
            "at": (now() - timedelta(minutes=minutes)).isoformat(),
            "site": site,
            "direction": direction,
        }
        return event if token is None else event | {"token": token}

    async def _send(self, work: tuple[list[Event], list[Event]]) -> None:
        batch, fresh = work
        if self.day.chance.random() < 0.03:
            # The device and the one that took its place send the same queue at once.
            answer, _ = await together(self._post(batch), self._post(batch))
        else:
            answer = await self._post(batch)
        results = answer.body["results"] if answer.good else []
        good = {one["id"] for one in results if one["outcome"] in ("taken", "already")}
        self._note(fresh, good)

    def _note(self, fresh: list[Event], good: set[str]) -> None:
        taken = [one for one in fresh if one["id"] in good]
        self.sent += len(fresh)
        self.taken += len(taken)
        self.checksum += sum(int(one["id"][:8], 16) for one in taken)
        midnight = self.day.midnight
        self.today.update(one["direction"] for one in taken if one["at"] >= midnight)
        self.waited_for.difference_update(one["id"] for one in taken)
        if not self.waited_for:
            self.day.planted_sent.set()
        self.done(len(fresh))

    async def _post(self, batch: list[Event]) -> Answer:
        who = self.day.chance.choice(self.officers)
        return await self.day.send("batch of check-ins", "POST", _PATH, who, {"events": batch})

    async def _scan_oneself(self, number: int) -> None:
        event = self._event_of(self._card(), 0, self.day.chance.choice(self.sites), "in")
        answer = await self.day.send("own check-in", "POST", f"{_PATH}/self", NOBODY, event)
        self._note([event], {event["id"]} if answer.good else set())

    async def _forge(self, number: int) -> None:
        head, body, signature = self._card().split(".")
        forged = ".".join((head, body, signature[::-1]))
        answer = await self._post([self._event_of(forged, 5, self.sites[0], "in")])
        self.refused += answer.body["results"][0]["reason"]["code"] == "bad_card"

    def figures(self) -> list[Figure]:
        """Those of today, both ways."""
        return [
            Figure("control_points", "districts", f"n_{one}", self.today[one])
            for one in ("in", "out")
        ]

    async def close(self) -> list[Book]:
        """Each event once, as many by hour, by their own time; forgeries nowhere."""
        stand = await self._stand()
        new = {name: stand[name] - self.before[name] for name in stand}
        guests = await self.day.count(
            "SELECT count(*) FROM private.person WHERE name LIKE 'Khách qua chốt %'"
        )
        visits = await self.day.count(
            "SELECT count(*) FROM private.check_in_stays(now() - interval '4 days', now()) AS s"
            " WHERE s.person_id IN (SELECT person_id FROM private.card WHERE id = ANY ($1::uuid[]))"
            " AND s.minutes BETWEEN 1 AND 120",
            [card_of(token) for token in self.visitors],
        )
        return [
            Book("check-ins sent, answered", self.sent, self.taken),
            Book("check-ins answered, rows", self.taken, new["rows"]),
            Book("check-ins, each id once", self.taken, new["ids"]),
            Book("check-ins, sum of their ids", self.checksum, new["checksum"]),
            Book("check-ins counted by hour", self.taken, new["hours"]),
            Book("with a declaration, by hour", new["declared"], new["hours_declared"]),
            Book("check-ins by people themselves", self.own, new["own"]),
            Book("visits, by their own time", len(self.visitors), visits),
            Book("people known by identity card, once", len(self.guests), guests),
            Book("forged cards refused", self.forged, self.refused),
        ]
