"""One run of a process, from inputs to result: in a job's process, or the command line's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.analysis.inputs import Inputs
from layers.analysis.processes import Process
from layers.analysis.reading import Reader, reading
from layers.analysis.results import Result
from layers.province import Province
from layers.roles import Caller

if TYPE_CHECKING:
    from layers.analysis.archive import Archive


def perform(
    process: Process,
    inputs: Inputs,
    *,
    database_url: str,
    province: Province,
    caller: Caller,
    rasters: Path | None = None,
    step: Callable[[float], None] = lambda done: None,
    archive: Archive | None = None,
) -> Result:
    """Run a process.

    Args:
        database_url: a `postgresql://` address of a role that may become the caller's.
        rasters: the folder of the rasters' files.
        step: told the done part of the work, from 0 to 1.
        archive: whose events are counted in place of those in the database.

    Raises:
        BadInput: the inputs name what is not there, or cannot be met.
        psycopg2.Error: the database does not answer.
    """
    module, _, name = process.function.rpartition(".")
    function = getattr(import_module(f"layers.analysis.{module}"), name)
    kind: Callable[..., Reader] = Reader
    if archive is not None:
        # Arrow, which a worker's jobs do without.
        from layers.analysis.archive_reading import ArchiveReader

        kind = partial(ArchiveReader, archive, step)
    with reading(database_url, province, caller, inputs, rasters, kind) as reader:
        told: dict[str, Any] = {
            "process": process.id,
            "version": process.version,
            "inputs": inputs.model_dump(mode="json", exclude_none=True),
            **(
                {
                    "layer_version": reader.versions[inputs.layer],
                    "layer_versions": dict(reader.versions),
                }
                if archive is None
                else {"archive": {"events": archive.rows, "sha256": archive.version}}
            ),
            "audience": caller.audience.name.lower(),
            "source": process.source,
        }
        result: Result = function(inputs, reader, told, step)
    step(1.0)
    return result
