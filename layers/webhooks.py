"""Webhooks: the public changes of some layers, posted to addresses of others, signed.

One worker at a time delivers, by an advisory lock. Each webhook has a place in the feed that
outlives the server, and a task of its own: one that fails or is slow holds up nobody. A delivery
is made at least once; its id stays the same however often it is tried. Signed as the Standard
Webhooks specification says (https://www.standardwebhooks.com).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import random
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import structlog

from layers.database import Database, DatabaseUnavailable, QueryTooSlow
from layers.deltas import ChangeReader, Trimmed
from layers.feed import Feed
from layers.layer import Audience
from layers.targets import RefusedTarget, resolve_target

CHANGES = 200
"""Changes of one delivery, more only where one commit has more."""
TIMEOUT = 10.0
"""Seconds that a receiver has to answer."""
LONGEST_WAIT = 3600.0
"""Seconds between two tries, at most."""
AT_ONCE = 8
"""Deliveries under way at a time."""
IDLE = 15.0
"""Seconds between two looks for webhooks where there are none or another worker delivers."""
ROUND = 1.0
_LOCK = 7233004
_PREFIX = "whsec_"

_LIVING = "SELECT EXISTS (SELECT FROM private.webhook WHERE disabled_at IS NULL)"
_DUE = "SELECT * FROM private.webhook WHERE disabled_at IS NULL AND next_try_at <= now()"
_DONE = """
UPDATE private.webhook SET delivered = $2, pending = NULL, failures = 0, failing_since = NULL,
  last_result = coalesce($3, last_result)
WHERE id = $1
"""
_FAILED = """
UPDATE private.webhook SET failures = failures + 1, last_result = $2,
  failing_since = coalesce(failing_since, now()), next_try_at = now() + $3::interval,
  disabled_at = CASE WHEN $5 OR failing_since < now() - $4::interval THEN now() END
WHERE id = $1 RETURNING disabled_at IS NOT NULL
"""
_TROUBLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    DatabaseUnavailable,
    QueryTooSlow,
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try ended.

    Attributes:
        delivered: whether the receiver has taken it (any status from 200 to 299).
        gone: whether the receiver wants no more (410).
        text: a word or the status for the list of webhooks; nothing that the receiver wrote.
    """

    delivered: bool
    gone: bool
    text: str


def new_secret() -> str:
    """A secret to sign with, as receivers' libraries expect it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, delivery: str, moment: int, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    content = f"{delivery}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


async def deliver(url: str, secret: str, delivery: str, body: bytes, *, private: bool) -> Answer:
    """Post a body to a webhook's address, once.

    Args:
        private: whether addresses of this machine and of private networks are allowed.
    """
    # Only a worker that delivers needs it.
    import httpx

    moment = int(time.time())
    headers = {
        "content-type": "application/json",
        "user-agent": "dieuhanh",
        "webhook-id": delivery,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(secret, delivery, moment, body),
    }
    try:
        async with asyncio.timeout(TIMEOUT):
            target = await resolve_target(url, private=private)
            # Where its name led is where it is sent: a name that changes meanwhile changes nothing.
            address = httpx.URL(url).copy_with(host=target.address)
            headers["host"] = target.host
            request = httpx.Request(
                "POST",
                address,
                headers=headers,
                content=body,
                extensions={"sni_hostname": target.name},
            )
            async with httpx.AsyncClient(
                trust_env=False, follow_redirects=False, timeout=TIMEOUT
            ) as client:
                answer = await client.send(request, stream=True)
                await answer.aclose()
    except RefusedTarget:
        return Answer(False, False, "refused address")
    except TimeoutError:
        return Answer(False, False, "time-out")
    except (httpx.HTTPError, OSError) as error:
        return Answer(False, False, type(error).__name__)
    return Answer(answer.is_success, answer.status_code == 410, str(answer.status_code))


class Webhooks:
    """Delivers, in whichever worker has the lock.

    Args:
        database: as the server, for the table of webhooks.
        feed: tells when there may be something to deliver.
        reader: reads the feed.
        private: whether addresses of this machine and of private networks are allowed.
        days: of failure, after which a webhook is disabled.
    """

    def __init__(
        self, database: Database, feed: Feed, reader: ChangeReader, *, private: bool, days: float
    ) -> None:
        self._database = database
        self._reader = reader
        self._private = private
        self._patience = timedelta(days=days)
        self._heard = asyncio.Event()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None
        feed.on_change(lambda _layer, _version: self._heard.set())

    def open(self) -> None:
        """Begin to look for webhooks."""
        self._task = asyncio.create_task(self._run(), name="webhooks")

    async def close(self) -> None:
        """Stop; what is under way is tried again by whoever comes next."""
        tasks = [*self._busy.values(), *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                async with self._database.serving() as connection:
                    some = await connection.fetchval(_LIVING)
                if some:
                    await self._deliver_alone()
            except _TROUBLE as error:
                _log.warning("webhooks not delivered", reason=type(error).__name__)
            # Workers that started together do not stay in step.
            await asyncio.sleep(IDLE * random.uniform(0.3, 1))

    async def _deliver_alone(self) -> None:
        """Deliver while there are webhooks and this worker has the lock."""
        lock = await asyncpg.connect(
            self._database.url, timeout=5, server_settings={"application_name": "dieuhanh webhooks"}
        )
        try:
            if not await lock.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                return
            while await lock.fetchval(_LIVING, timeout=5):
                self._heard.clear()
                for row in await lock.fetch(_DUE, timeout=5):
                    if row["id"] not in self._busy:
                        task = asyncio.create_task(self._serve(dict(row)), name="webhook")
                        self._busy[row["id"]] = task
                        task.add_done_callback(partial(self._finished, row["id"]))
                await asyncio.sleep(ROUND)
                if not self._busy:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._heard.wait(), 5 * ROUND)
        finally:
            for task in list(self._busy.values()):
                task.cancel()
            lock.terminate()

    def _finished(self, number: int, _task: asyncio.Task[None]) -> None:
        self._busy.pop(number, None)

    async def _serve(self, row: dict[str, Any]) -> None:
        """Deliver all there is for one webhook, until a try fails."""
        delivered, pending = row["delivered"], row["pending"]
        try:
            while True:
                upto, body = await self._body(row, delivered, pending)
                if upto == delivered:
                    return
                result = None
                if body is not None:
                    if pending is None:
                        await self._execute(
                            "UPDATE private.webhook SET pending = $2 WHERE id = $1",
                            row["id"],
                            upto,
                        )
                    async with self._places:
                        delivery = f"{row['id']}.{upto}"
                        answer = await deliver(
                            row["url"], row["secret"], delivery, body, private=self._private
                        )
                    if not answer.delivered:
                        await self._failed(row, answer)
                        return
                    result = answer.text
                    row = {**row, "failures": 0}
                await self._execute(_DONE, row["id"], upto, result)
                delivered, pending = upto, None
        except _TROUBLE as error:
            _log.warning("webhook not served", webhook=row["id"], reason=type(error).__name__)

    async def _body(
        self, row: Any, delivered: int, pending: int | None
    ) -> tuple[int, bytes | None]:
        """What to deliver next, and up to which version; None where there is nothing to tell.

        After a try that failed it is the same delivery: up to the same version.
        """
        try:
            batch = await self._reader.read(delivered, CHANGES, row["layers"])
        except Trimmed as error:
            return error.head, b'{"type":"reset","version":%d}' % error.head
        upto = batch.upto if pending is None else pending
        deltas = await batch.deltas(self._reader, Audience.PUBLIC)
        texts = [d.text for d in deltas if d.text is not None and d.change.version <= upto]
        if not texts:
            return upto, None
        return upto, f'{{"type":"changes","changes":[{",".join(texts)}],"next":{upto}}}'.encode()

    async def _failed(self, row: Any, answer: Answer) -> None:
        longest = min(LONGEST_WAIT, 2.0 ** min(row["failures"] + 1, 20))
        wait = timedelta(seconds=longest * random.uniform(0.5, 1))
        async with self._database.serving() as connection:
            disabled = await connection.fetchval(
                _FAILED, row["id"], answer.text, wait, self._patience, answer.gone
            )
        if disabled:
            _log.warning("webhook disabled", webhook=row["id"], result=answer.text)

    async def _execute(self, statement: str, *values: Any) -> None:
        async with self._database.serving() as connection:
            await connection.execute(statement, *values)
