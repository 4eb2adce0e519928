"""The hotline, rescue coordination and the teams: each request is verified, assigned, finished."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.departments.desk import Answer, Book, Day, Department, Figure, Headers, together
from layers.accounts import Post
from layers.roles import Role

OPERATORS = 4
WAITS = 60
"""Times that coordination looks for a free team before it leaves a request for tomorrow."""
_BOTH = """
SELECT count(*) FROM private.sos_assignment AS a JOIN private.sos_assignment AS b
  ON b.team_id = a.team_id AND b.id > a.id
  AND tstzrange(a.at, a.ended_at) && tstzrange(b.at, b.ended_at)
WHERE a.actor LIKE 'day.%' AND b.actor LIKE 'day.%'
"""
_GIVEN = "SELECT count(*) FROM private.sos_assignment WHERE actor LIKE 'day.%'"


class Rescue(Department):
    """Works on the requests that citizens send, as they come."""

    name = "rescue"
    reports = ("rescue",)

    def __init__(self, day: Day) -> None:
        super().__init__(day)
        self.resolved: set[str] = set()
        self.left: set[str] = set()
        self.won = self.doubled = 0
        self.leaders: dict[int, Headers] = {}

    async def open(self) -> None:
        """The hotline, and two coordinators."""
        day = self.day
        operator = Post(Role.OPERATOR, ("rescue_coordination",))
        coordinator = Post(Role.COORDINATOR, ("rescue_coordination",))
        self.operators = [await day.hire(f"day.1022.{n}", operator) for n in range(OPERATORS)]
        self.coordinators = [await day.sign_in(f"day.coordinator.{n}", coordinator) for n in (1, 2)]

    async def work(self) -> None:
        """Take calls until the last has come."""
        await asyncio.gather(*(self._desk(operator) for operator in self.operators))

    async def _desk(self, operator: Headers) -> None:
        calls = self.day.calls
        while True:
            request = await calls.get()
            if request is None:
                # For the next desk.
                calls.put_nowait(None)
                return
            self.pieces += 1
            await self._handle(request, operator)
            self.done()

    async def _handle(self, request: str, operator: Headers) -> None:
        path = f"/api/sos/{request}"
        await self._step(request, operator, "verified")
        team = await self._assign(path)
        if team is None:
            self.left.add(request)
            return
        rescuer = await self._leader(team)
        for state in ("en_route", "on_site", "resolved"):
            if not await self._step(request, rescuer, state):
                return
        self.resolved.add(request)

    async def _leader(self, team: int) -> Headers:
        """Somebody of the team, whom coordination enters the first time."""
        if team not in self.leaders:
            login = f"day.team.{team}"
            leader = await self.day.hire(login, Post(Role.RESCUER))
            body = {"leader": None, "phone": None, "members": [login]}
            path = f"/api/teams/{team}"
            await self.day.send("team", "PUT", path, self.coordinators[0], body)
            self.leaders[team] = leader
        return self.leaders[team]

    async def _step(self, request: str, who: Headers, state: str) -> bool:
        """One step, which its id makes safe to send again."""
        body = {"state": state, "id": self.day.uuid()}
        path = f"/api/sos/{request}/steps"
        answer = await self.day.send(f"step: {state}", "POST", path, who, body)
        return answer.good

    async def _assign(self, path: str) -> int | None:
        """The team that both coordinators try to give the request, at the same moment."""
        for _ in range(WAITS):
            found = await self.day.send(
                "nearest teams", "GET", f"{path}/teams?limit=3", self.coordinators[0]
            )
            teams = [one["id"] for one in found.body["teams"]]
            if teams:
                both = (teams[0], teams[-1])
                answers = await together(
                    *(
                        self.day.ask("assignment", "POST", f"{path}/assignment", who, {"team": one})
                        for who, one in zip(self.coordinators, both, strict=True)
                    )
                )
                won = self._winner(answers, both)
                if won is not None:
                    return won
            await asyncio.sleep(0.2)
        return None

    def _winner(self, answers: list[Answer], teams: tuple[int, int]) -> int | None:
        won = [team for answer, team in zip(answers, teams, strict=True) if answer.good]
        self.won += bool(won)
        self.doubled += len(won) > 1
        return won[0] if won else None

    def figures(self) -> list[Figure]:
        """Those that were finished."""
        return [Figure("rescue", "categories", "resolved", len(self.resolved))]

    async def close(self) -> list[Book]:
        """What was finished is; no team has two requests; none was given twice."""
        day = self.day
        states: dict[str, Any] = {
            row["id"]: row["state"]
            for row in await day.sql.fetch(
                "SELECT id::text, state FROM layer.sos_requests WHERE id = ANY ($1::uuid[])",
                [*self.resolved, *self.left],
            )
        }
        return [
            Book(
                "requests that teams finished",
                len(self.resolved),
                sum(states.get(one) == "resolved" for one in self.resolved),
            ),
            Book(
                "requests left verified, no team being free",
                len(self.left),
                sum(states.get(one) == "verified" for one in self.left),
            ),
            Book("requests given to two teams at once", 0, self.doubled),
            Book("requests given to teams", self.won, await day.count(_GIVEN)),
            Book("teams that had two requests at a time", 0, await day.count(_BOTH)),
        ]
