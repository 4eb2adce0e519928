"""Kept results: a job's result under a title, with all that makes it again, until it expires.

The functions of `migrations/versions/0020_results.py` keep and remove; row-level security says
who reads. What is kept here is kept by the server itself; people keep through the API.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson

from layers.analysis.processes import Process
from layers.roles import Caller
from spatial.errors import BadInput

if TYPE_CHECKING:
    from layers.analysis.results import Result  # numpy, which no worker loads

LONGEST_TITLE = 160
READ = (
    "id, title, process, version, inputs, layer, layer_version, layer_versions, collection,"
    " audience, summary, computed_at, kept_at, expires, media_type, sha256"
)
"""The columns of a kept result that whoever reads it may read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many results, and how many areas in each, are kept at most."""

    results: int
    features: int


def collection_of(process: Process) -> str | None:
    """The layer that shows what a process finds; None where that is for some roles alone.

    Raises:
        BadInput: it has no areas, so that there is no layer to keep it in.
    """
    if process.collection is None and process.roles is None:
        raise BadInput(
            f"the result of {process.id} has no areas and is not kept as a layer",
            f"kết quả của {process.id} không có vùng nên không giữ thành lớp được",
        )
    return process.collection


def title_of(text: str) -> str:
    """A title as it is kept.

    Raises:
        BadInput: it is empty or too long.
    """
    title = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise BadInput(
            f"title must have 1 to {LONGEST_TITLE} characters",
            f"title phải có từ 1 đến {LONGEST_TITLE} ký tự",
        )
    return title


def keep(
    cursor: Any,
    process: Process,
    result: Result,
    caller: Caller,
    *,
    title: str,
    expires: datetime,
    limits: Limits,
) -> UUID:
    """Keep a result that has just been computed, as the server itself.

    Args:
        cursor: of psycopg2, as the owner of the tables.
        caller: with whose rights it was computed.

    Raises:
        BadInput: the process has no layer, or the title breaks its rule.
        psycopg2.Error: a limit is reached (SQLSTATE `DH409`, `DH422`), or the database refused.
    """
    collection, job = collection_of(process), str(uuid4())
    inputs = orjson.loads(result.body)["provenance"]["inputs"]
    cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
    cursor.execute(
        "INSERT INTO private.analysis_job (id, process, version, inputs, caller, status,"
        " finished, expires, media_type, summary, result)"
        " VALUES (%s, %s, %s, %s, %s, 'successful', now(), now(), %s, %s, %s)",
        (
            job,
            process.id,
            process.version,
            orjson.dumps(inputs).decode(),
            orjson.dumps(caller.to_json()).decode(),
            result.media_type,
            orjson.dumps(dict(result.summary)).decode(),
            result.body,
        ),
    )
    cursor.execute(
        "SELECT private.keep_result(j, %s, %s, %s, %s, %s)"
        " FROM private.analysis_job AS j WHERE id = %s",
        (collection, title_of(title), expires, limits.results, limits.features, job),
    )
    (kept,) = cursor.fetchone()
    cursor.execute("DELETE FROM private.analysis_job WHERE id = %s", (job,))
    cursor.execute("SET LOCAL dieuhanh.bulk = 'off'")
    return UUID(str(kept))


@dataclass(frozen=True, slots=True)
class Repeated:
    """What came of computing a kept result again.

    Attributes:
        same: whether it is the same to the last octet.
        moved: the layers that have changed since, with their version then and now.
        version: the process's version, if it is another one now.
    """

    same: bool
    moved: Mapping[str, tuple[int, int]]
    version: str | None


def compared(
    sha256: str, versions: Mapping[str, int], process: Process, version: str, again: Result
) -> Repeated:
    """A kept result beside the same computed again.

    Args:
        sha256, versions, version: of the kept result: its digest, its layers' and its process's.
    """
    now: dict[str, int] = orjson.loads(again.body)["provenance"]["layer_versions"]
    return Repeated(
        hashlib.sha256(again.body).hexdigest() == sha256,
        {name: (then, now[name]) for name, then in versions.items() if now.get(name, then) != then},
        None if process.version == version else process.version,
    )
