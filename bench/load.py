"""Load by wrk: one thread, a few connections, a list of addresses in turn."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.processes import BenchError, find_tool

CONNECTIONS = 8
TIMEOUT = 60
"""Seconds after which wrk gives up on an answer."""

SCRIPT = """\
local requests, turn = {}, 0
function init(args)
  for path in io.lines(%(paths)s) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  turn = turn %% #requests + 1
  return requests[turn]
end
"""
DONE = """\
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\n{"duration":%d,"requests":%d,"bytes":%d,"p50":%d,"p99":%d,'
    .. '"refused":%d,"failed":%d,"timeout":%d}\\n',
    summary.duration, summary.requests, summary.bytes, latency:percentile(50),
    latency:percentile(99), e.status, e.connect + e.read + e.write, e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw: answers a second, mean bytes of one, latencies in milliseconds."""

    rate: float
    size: float
    p50: float
    p99: float


def write_script(folder: Path, name: str, paths: Sequence[str]) -> tuple[Path, str]:
    """A wrk script that asks for the paths in turn, and the path to give wrk in its address.

    A single path needs no Lua for each request, so that wrk is as fast as it can be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / f"{name}.lua"
    if len(paths) == 1:
        script.write_text(DONE)
        return script, paths[0]
    listing = folder / f"{name}.paths"
    listing.write_text("\n".join(paths) + "\n")
    script.write_text(SCRIPT % {"paths": json.dumps(str(listing))} + DONE)
    return script, "/"


def measure(
    base: str, script: Path, path: str, seconds: float, connections: int = CONNECTIONS
) -> Load:
    """Load a server for some seconds.

    Raises:
        BenchError: any answer was not 2xx or 3xx, or a connection failed.
    """
    whole = max(1, round(seconds))
    command = [find_tool("wrk"), "-t1", f"-c{connections}", f"-d{whole}s"]
    command += ["--timeout", f"{TIMEOUT}s", "-s", str(script), base + path]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=whole + TIMEOUT + 10, check=False
    )
    if done.returncode != 0:
        raise BenchError(f"wrk {base}{path}: {done.stderr.strip() or done.stdout.strip()}")
    return parse(done.stdout, f"{base}{path}")


def parse(output: str, address: str) -> Load:
    """The figures in what wrk printed; its last line is the script's JSON.

    Raises:
        BenchError: it counted errors.
    """
    seen = json.loads(output.strip().splitlines()[-1])
    bad = {name: seen[name] for name in ("refused", "failed", "timeout") if seen[name]}
    if bad:
        raise BenchError(f"{address}: {bad} of {seen['requests']} requests")
    count = max(1, seen["requests"])
    return Load(
        rate=seen["requests"] * 1e6 / seen["duration"],
        size=seen["bytes"] / count,
        p50=seen["p50"] / 1000,
        p99=seen["p99"] / 1000,
    )
