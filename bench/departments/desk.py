"""What all departments share: the day, people and their keys, sending, and books that balance."""

from __future__ import annotations

import asyncio
import base64
import random
import secrets
import time
import uuid
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import asyncpg
import httpx
import orjson

from layers import accounts, credentials
from layers.accounts import Post

LOST, TWICE = 0.02, 0.03
"""Shares of what is sent whose answer never arrives, and that is sent again although it did."""
CUT_S = 0.08
"""Seconds within which a connection is cut whose answer is to be lost."""
FEWEST_CARDS = 40
"""Cards there are before the first is scanned."""
TRIES = 20
"""Times that something is sent until it is answered; after that it is a loss."""
_DAY = """
SELECT d.today, d.today::timestamp AT TIME ZONE d.time_zone AS midnight,
  extract(epoch FROM (d.today + 1)::timestamp AT TIME ZONE d.time_zone - now()) AS left_s
FROM (SELECT dieuhanh.today() AS today, time_zone FROM register.province) AS d
"""
Headers = Mapping[str, str]
NOBODY: Headers = {}


@dataclass(frozen=True, slots=True)
class Book:
    """What must be the same at the end, as those who entered it know it and as it was found."""

    name: str
    expected: Any
    found: Any

    @property
    def balances(self) -> bool:
        """Whether nothing is lost and nothing doubled."""
        return bool(self.expected == self.found)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a daily report must tell of what a department has entered.

    Attributes:
        table: of the report; its `column` is summed, or its rows are counted if that is None.
        day: that is reported on; None: today.
        districts: whose reports are meant; empty: all.
        is_whole: whether it is all that there is; else it is more than there was before.
    """

    report: str
    table: str
    column: str | None
    amount: int
    day: str | None = None
    districts: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` 0 if nothing ever did.

    Attributes:
        again: whether it was asked before, and may have been done then.
    """

    status: int
    body: Any = None
    again: bool = False

    @property
    def good(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


@dataclass(slots=True)
class Day:
    """A day: how much of everything, the way to the server, and what the clients noted.

    Attributes:
        sql: a connection as the database's owner, to make accounts and to read the books.
        scale: the share of a whole day.
        cards: the cards (QR) that people have been given; `has_cards` once there are some.
        calls: the requests for help that somebody has to look at.
        today, midnight: the province's day, and when it began, as `now().isoformat()` writes it.
        planted: check-ins that the checkpoints have to take among their own.
        planted_sent: once the checkpoints have sent these.
    """

    client: httpx.AsyncClient
    sql: Any
    scale: float
    chance: random.Random
    cards: list[str] = field(default_factory=list)
    has_cards: asyncio.Event = field(default_factory=asyncio.Event)
    calls: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    took_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    cut: int = 0
    is_over: bool = False
    today: str = ""
    midnight: str = ""
    planted: list[dict[str, Any]] = field(default_factory=list)
    planted_sent: asyncio.Event = field(default_factory=asyncio.Event)
    _hiring: asyncio.Lock = field(default_factory=asyncio.Lock)
    told: Callable[[str, int], None] = lambda name, done: None

    async def begin(self, longest_s: float) -> float:
        """Note which day it is; seconds until another one that lasts so long, or 0."""
        row = await self.sql.fetchrow(_DAY)
        self.today, self.midnight = str(row["today"]), row["midnight"].isoformat()
        left = float(row["left_s"])
        return left + 1 if left < longest_s else 0.0

    def of(self, whole: int, least: int = 1) -> int:
        """As many as there are on a day of this scale."""
        return max(least, round(whole * self.scale))

    def uuid(self) -> str:
        """An id, as a client makes it."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def give(self, card: str) -> None:
        """Somebody has been given a card."""
        self.cards.append(card)
        if len(self.cards) >= FEWEST_CARDS:
            self.has_cards.set()

    async def hire(self, login: str, post: Post) -> Headers:
        """An account and its key, as the headers of a request."""
        async with self._hiring, self.sql.transaction():
            account = await accounts.add(self.sql, login, post)
            _, key = await credentials.add_key(self.sql, account, "bench", "write", 1)
        return {"Authorization": f"Bearer {key}"}

    async def sign_in(self, login: str, post: Post) -> Headers:
        """An account and a session of it, as a browser's requests have them."""
        password = secrets.token_urlsafe(24)
        async with self._hiring, self.sql.transaction():
            await accounts.add(self.sql, login, post, password=password)
        body = {"login": login, "password": password}
        # A client of its own: the day's keeps nobody's cookies.
        async with httpx.AsyncClient(base_url=self.client.base_url, timeout=60) as browser:
            answer = await browser.post("/api/session", json=body)
            answer.raise_for_status()
        cookie = answer.headers["set-cookie"].partition(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf"]}

    async def ask(
        self,
        kind: str,
        method: str,
        path: str,
        who: Headers = NOBODY,
        body: Any = None,
        headers: Headers = NOBODY,
    ) -> Answer:
        """One request. Its kind stands in the figures."""
        content = None if body is None else orjson.dumps(body)
        typed = {"Content-Type": "application/json"} if body is not None else {}
        began = time.perf_counter()
        try:
            answer = await self.client.request(
                method, path, content=content, headers={**typed, **who, **headers}
            )
        except httpx.HTTPError:
            self.statuses[kind, 0] += 1
            return Answer(0)
        self.took_ms[kind].append((time.perf_counter() - began) * 1000)
        self.statuses[kind, answer.status_code] += 1
        is_json = "json" in answer.headers.get("content-type", "")
        told = orjson.loads(answer.content) if is_json and answer.content else answer.text
        return Answer(answer.status_code, told)

    async def send(
        self,
        kind: str,
        method: str,
        path: str,
        who: Headers = NOBODY,
        body: Any = None,
        headers: Headers = NOBODY,
    ) -> Answer:
        """Send until it is answered, as devices do; some answers are lost, some is sent twice."""
        again = False
        if self.chance.random() < LOST:
            # A cut at any moment: before the server has it, while it works, after it has answered.
            self.cut += 1
            work = self.ask(kind, method, path, who, body, headers)
            try:
                early = await asyncio.wait_for(work, self.chance.uniform(0, CUT_S))
                again = early.status < 400
            except TimeoutError:
                again = True
        answer = await self.insist(kind, method, path, who, body, headers)
        if answer.good and self.chance.random() < TWICE:
            await self.ask(kind, method, path, who, body, headers)
        return Answer(answer.status, answer.body, again or answer.again)

    async def insist(
        self,
        kind: str,
        method: str,
        path: str,
        who: Headers = NOBODY,
        body: Any = None,
        headers: Headers = NOBODY,
    ) -> Answer:
        """Ask until there is an answer, and not that the server has no time for it now."""
        again = False
        for number in range(TRIES):
            answer = await self.ask(kind, method, path, who, body, headers)
            if answer.status not in (0, 429, 503):
                break
            again = again or answer.status == 0
            await asyncio.sleep(min(5.0, 0.1 * 2**number))
        return Answer(answer.status, answer.body, again)

    async def enter(self, kind: str, register: str, row: Mapping[str, Any], who: Headers) -> Answer:
        """Make a row of a register, whose id the client has made."""
        path = f"/api/registers/{register}"
        answer = await self.send(kind, "POST", path, who, row)
        if answer.status == 409 and answer.again:
            # Whose answer was lost looks whether it was taken.
            there = await self.ask("row of a register", "GET", f"{path}/{row['id']}", who)
            return there if there.good else answer
        return answer

    async def act(
        self, kind: str, address: str, who: Headers, body: Mapping[str, Any], becomes: str
    ) -> Answer:
        """Do something to a row at `<register>/<id>/<action>`, after which it has a state."""
        path = f"/api/registers/{address}"
        answer = await self.send(kind, "POST", path, who, body)
        if answer.status == 409 and answer.again:
            there = await self.ask("row of a register", "GET", path.rpartition("/")[0], who)
            return there if there.good and there.body["state"] == becomes else answer
        return answer

    async def count(self, text: str, *values: Any) -> int:
        """A number that the database tells."""
        return int(await self.sql.fetchval(text, *values) or 0)

    async def features(self, layer: str, who: Headers) -> list[dict[str, Any]]:
        """The features of a layer, as who reads them."""
        path: str | None = f"/ogc/collections/{layer}/items?limit=1000"
        found: list[dict[str, Any]] = []
        while path is not None:
            answer = await self.ask("page of features", "GET", path, who)
            found += answer.body["features"]
            links = {one["rel"]: one["href"] for one in answer.body["links"]}
            path = links.get("next")
        return found


class Department(ABC):
    """One department: it opens its books, works through the day, and closes them.

    Attributes:
        reports: the daily reports that tell of what it enters.
        pieces: how many pieces its work has, of which `done` tells.
        ended: once its work is over.
    """

    name: ClassVar[str]
    reports: ClassVar[tuple[str, ...]] = ()

    def __init__(self, day: Day) -> None:
        self.day = day
        self.pieces = 0
        self.ended = asyncio.Event()

    @abstractmethod
    async def open(self) -> None:
        """Hire its people, look up what they work with, note where its books stand."""

    @abstractmethod
    async def work(self) -> None:
        """The day."""

    def figures(self) -> list[Figure]:
        """What the reports must tell of its work, which is over."""
        return []

    @abstractmethod
    async def close(self) -> list[Book]:
        """The books, once everybody has gone home."""

    def done(self, pieces: int = 1) -> None:
        """Tell that so many pieces are done."""
        self.day.told(self.name, pieces)


async def crew(
    workers: int, jobs: Iterable[Any], work: Callable[[Any], Coroutine[Any, Any, None]]
) -> None:
    """So many people take job after job."""
    left = iter(jobs)

    async def one() -> None:
        for job in left:
            await work(job)

    await asyncio.gather(*(one() for _ in range(workers)))


async def together(*work: Awaitable[Answer]) -> list[Answer]:
    """The answers of what is sent at the same moment."""
    return list(await asyncio.gather(*work))


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def card_of(token: str) -> uuid.UUID:
    """The card that a QR names, which anybody may read; only the server can tell that it is one."""
    claims = token.split(".")[1]
    whole = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))
    return uuid.UUID(orjson.loads(whole)["sub"])


async def connect(url: str) -> Any:
    """A connection for accounts and books."""
    return await asyncpg.connect(url, command_timeout=600)
