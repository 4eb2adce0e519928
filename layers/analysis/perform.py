"""One run of a process, from inputs to result: in a job's process, or the command line's."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from layers.analysis.inputs import Inputs
from layers.analysis.processes import Process
from layers.analysis.reading import reading
from layers.analysis.results import Result
from layers.province import Province
from layers.roles import Caller


def perform(
    process: Process,
    inputs: Inputs,
    *,
    database_url: str,
    province: Province,
    caller: Caller,
    rasters: Path | None = None,
    step: Callable[[float], None] = lambda done: None,
) -> Result:
    """Run a process.

    Args:
        database_url: a `postgresql://` address of a role that may become the caller's.
        rasters: the folder of the rasters' files.
        step: told the done part of the work, from 0 to 1.

    Raises:
        BadInput: the inputs name what is not there, or cannot be met.
        psycopg2.Error: the database does not answer.
    """
    module, _, name = process.function.rpartition(".")
    function = getattr(import_module(f"layers.analysis.{module}"), name)
    with reading(database_url, province, caller, inputs, rasters) as reader:
        told: dict[str, Any] = {
            "process": process.id,
            "version": process.version,
            "inputs": inputs.model_dump(mode="json", exclude_none=True),
            "layer_version": reader.version,
            "audience": caller.audience.name.lower(),
            "source": process.source,
        }
        result: Result = function(inputs, reader, told, step)
    step(1.0)
    return result
