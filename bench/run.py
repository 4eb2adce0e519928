"""A run: fill, start, check, measure in turn, and write down."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from rich.console import Console

from bench import limits
from bench.answers import Checked, check
from bench.cases import DEEP, SOS, UNITS, Addresses, Ask, Case, Inputs
from bench.data import SOS_COUNT, Database, draw, fill, fresh_database
from bench.load import CONNECTIONS, measure, write_script
from bench.memory import Export, command_peak, download, memory_of
from bench.processes import ROOT, BenchError, Server
from bench.report import Cached, Report, Result
from bench.servers import (
    dieuhanh_command,
    peers_environment,
    product_env,
    program_version,
    start_dieuhanh,
    start_pygeoapi,
    start_tipg,
)
from layers.catalogue import CATALOGUE
from layers.roles import Role

DATA = ROOT / ".data"
WORK = DATA / "bench"
CACHE_MB = 64
PAGE = 10_000
QUIET_TIMEOUT = 30.0
LONGEST = 30.0
"""Seconds of a turn at most."""
SLOW = 0.25
"""Seconds for one answer from which a server counts as slow."""
CACHED = {"feature": "a feature", "page10": "10 features", "page1000": "1,000 features"}
CACHED |= {"tile_densest": "the densest point tile of zoom 13"}

Servers = Mapping[str, tuple[str, Addresses]]


@dataclass(frozen=True, slots=True)
class Turn:
    """How long a server is loaded at a time, and on how many connections."""

    seconds: float
    connections: int

    @property
    def slow(self) -> bool:
        """Whether it answers so slowly that one turn on one connection must do."""
        return self.connections == 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        cases: what, in this order.
        rounds: how often each server's turn comes in a case.
        seconds: the length of a turn.
    """

    cases: tuple[Case, ...]
    rounds: int
    seconds: float
    whole: bool


class Run:
    """One run, from an empty database to the report."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self.plan = plan
        self.console = console
        self.report = Report(machine=machine())
        self.begun = time.monotonic()

    def execute(self) -> Report:
        """Do everything; what was started is ended, also after an error.

        Raises:
            BenchError: something cannot be started, or the servers do not answer the same.
        """
        WORK.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            self.say("the peers' environment")
            programs = peers_environment(DATA)
            database = stack.enter_context(fresh_database(DATA))
            self.say(f"a database with {SOS_COUNT:,} SOS requests")
            fill(database, WORK / "fill.log")
            inputs = draw(database)
            self.versions(database, programs)
            self.against_peers(database, programs, inputs)
            if self.plan.whole:
                self.from_cache(database, inputs)
                self.exports(database)
        return self.report

    def say(self, text: str) -> None:
        """Tell how far the run is."""
        self.console.print(f"{time.monotonic() - self.begun:6.1f} s  {text}", markup=False)

    def versions(self, database: Database, programs: Path) -> None:
        """Note what is measured."""
        ((postgresql, postgis),) = database.execute(
            "SELECT split_part(current_setting('server_version'), ' ', 1), postgis_lib_version()"
        )
        pip = [str(programs / "python"), "-c"]
        show = "from importlib.metadata import version as v; print(v('{}'))"
        self.report.machine |= {
            "PostgreSQL": postgresql,
            "PostGIS": postgis,
            **{
                name: program_version([*pip, show.format(name)])
                for name in ("tipg", "pygeoapi", "uvicorn", "gunicorn")
            },
        }

    def against_peers(self, database: Database, programs: Path, inputs: Inputs) -> None:
        """Measure the cases: this server without its cache, and its peers, in turn."""
        with ExitStack() as stack:
            self.say("this server with its cache off, tipg, pygeoapi")
            ours, ours_url = start_dieuhanh(database.url, 0, WORK / "dieuhanh.log")
            stack.enter_context(ours)
            tipg, tipg_url = start_tipg(programs, database.strict_url, WORK / "tipg.log")
            stack.enter_context(tipg)
            keys = {layer: CATALOGUE[layer].id_column for layer in (SOS, UNITS)}
            peer, peer_url = start_pygeoapi(programs, database.parts, keys, WORK)
            stack.enter_context(peer)
            ours.wait_until_ready(f"{ours_url}/readyz")
            tipg.wait_until_ready(f"{tipg_url}/healthz")
            peer.wait_until_ready(f"{peer_url}/conformance?f=json")
            servers = {
                "dieuhanh": (ours_url, Addresses("dieuhanh", cursor_after(ours_url, DEEP))),
                "tipg": (tipg_url, Addresses("tipg")),
                "pygeoapi": (peer_url, Addresses("pygeoapi")),
            }
            asked = {case.id: case.asks(inputs) for case in self.plan.cases}
            checked = {
                case.id: check(case, asked[case.id], servers, keys[asked[case.id][0].layer])
                for case in self.plan.cases
            }
            self.say("the servers answer the same")
            family = [ours, tipg, peer]
            for case in self.plan.cases:
                result = Result(case, checked[case.id].features)
                self.report.results.append(result)
                asks = asked[case.id]
                self.measure_case(
                    result, checked[case.id], asks, servers, lambda: quiet(database, family)
                )
                if case.limit:
                    quiet(database, family)
                    result.sql = self.sql_alone(case, asks, database)
            self.report.memory["cache off"] = memory_of(ours)

    def measure_case(
        self,
        result: Result,
        checked: Checked,
        asks: Sequence[Ask],
        servers: Servers,
        quiet: Callable[[], None],
    ) -> None:
        """Warm up, then take turns."""
        case = result.case
        names = ("dieuhanh", *case.peers)
        turns = {name: self.turn(checked.seconds[name]) for name in names}
        scripts = {
            name: write_script(
                WORK / "wrk", f"{case.id}-{name}", [servers[name][1].path(ask) for ask in asks]
            )
            for name in names
        }
        for name in names:
            if not turns[name].slow:
                measure(servers[name][0], *scripts[name], seconds=1)
        for number in range(self.plan.rounds):
            for name in names:
                turn = turns[name]
                if number == 0 or not turn.slow:
                    quiet()
                    base = servers[name][0]
                    load = measure(base, *scripts[name], turn.seconds, turn.connections)
                    if load.rate == 0:  # a queue that none came out of in time
                        quiet()
                        load = measure(base, *scripts[name], seconds=LONGEST, connections=1)
                    result.add(name, load)
        rates = ", ".join(f"{name} {result.rate(name):,.2f}" for name in names)
        self.say(f"{case.id}: {rates}")

    def sql_alone(self, case: Case, asks: Sequence[Ask], database: Database) -> float:
        """The rate of the same SQL without a server."""
        folder = WORK / "sql" / case.id
        role = Role.PUBLIC.database_role
        texts = limits.statements(asks)
        return limits.pgbench(database.url, texts, role, self.plan.seconds, folder)

    def turn(self, seconds: float) -> Turn:
        """How a server is loaded that takes so many seconds for one answer alone.

        A server that takes long gets one turn on one connection: more would leave a queue of
        queries behind that slows the next turns.
        """
        if seconds < SLOW:
            return Turn(self.plan.seconds, CONNECTIONS)
        return Turn(min(LONGEST, max(self.plan.seconds, 3.5 * seconds)), 1)

    def from_cache(self, database: Database, inputs: Inputs) -> None:
        """Measure unchanged answers from the cache, in turn with nginx serving their bytes."""
        self.say("this server with its cache on, nginx")
        chosen = [case for case in self.plan.cases if case.id in CACHED]
        words = Addresses("dieuhanh")
        server, base = start_dieuhanh(database.url, CACHE_MB, WORK / "dieuhanh-cache.log")
        with server:
            server.wait_until_ready(f"{base}/readyz")
            paths = {case.id: words.path(case.asks(inputs)[0]) for case in chosen}
            with httpx.Client(timeout=30, headers={"accept-encoding": "identity"}) as client:
                bodies = {
                    name: client.get(base + path).raise_for_status().content
                    for name, path in paths.items()
                }
            with limits.nginx(WORK / "nginx", bodies) as front:
                for name, path in paths.items():
                    cached = Cached(CACHED[name], len(bodies[name]))
                    self.report.cached.append(cached)
                    ours = write_script(WORK / "wrk", f"cached-{name}", [path])
                    theirs = write_script(WORK / "wrk", f"nginx-{name}", [f"/{name}"])
                    measure(base, *ours, seconds=1)
                    measure(front, *theirs, seconds=1)
                    for _ in range(self.plan.rounds):
                        cached.ours.append(measure(base, *ours, self.plan.seconds).rate)
                        cached.nginx.append(measure(front, *theirs, self.plan.seconds).rate)
                    self.say(f"cached {name}: {cached.ratio:.2f} × nginx")
            self.report.memory["cache on"] = memory_of(server)

    def exports(self, database: Database) -> None:
        """Export the layer over HTTP and by the command line, with their peak memory."""
        self.say(f"exports of {SOS_COUNT:,} features")
        server, base = start_dieuhanh(database.url, CACHE_MB, WORK / "dieuhanh-export.log")
        with server:
            server.wait_until_ready(f"{base}/readyz")
            export = download(server, f"{base}/ogc/collections/{SOS}/export?f=json")
        if export.features != SOS_COUNT:
            raise BenchError(f"the export has {export.features} features, not {SOS_COUNT}")
        self.report.exports["GeoJSON over HTTP"] = export
        target = WORK / "export.gpkg"
        target.unlink(missing_ok=True)
        command = [*dieuhanh_command(), "export", SOS, str(target)]
        peak, seconds = command_peak(command, product_env(database.url), WORK / "export.log")
        size = target.stat().st_size / 1_000_000
        self.report.exports["`dieuhanh export`, GeoPackage"] = Export(
            size, peak, seconds, SOS_COUNT
        )
        target.unlink()


def cursor_after(base: str, count: int) -> dict[str, str]:
    """This server's own query for the 10 features after `count`, found by following `next`.

    Raises:
        BenchError: a page has no `next`, or not as many features as asked for.
    """
    url = f"{base}/ogc/collections/{SOS}/items?limit={PAGE}"
    with httpx.Client(timeout=60) as client:
        for _ in range(count // PAGE):
            page = client.get(url).raise_for_status().json()
            found = [link["href"] for link in page["links"] if link["rel"] == "next"]
            if not found or page["numberReturned"] != PAGE:
                raise BenchError(f"{url}: {page['numberReturned']} features, next: {found}")
            url = urljoin(url, found[0])
    return {**dict(parse_qsl(urlsplit(url).query)), "limit": "10"}


def quiet(database: Database, servers: Sequence[Server]) -> None:
    """Wait until what earlier turns left behind is done: queries, and work of the servers."""
    deadline = time.monotonic() + QUIET_TIMEOUT
    before = sum(server.cpu_seconds() for server in servers)
    while time.monotonic() < deadline:
        time.sleep(0.2)
        ((active,),) = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'active' AND pid <> pg_backend_pid()"
        )
        now = sum(server.cpu_seconds() for server in servers)
        if active == 0 and now - before < 0.02:
            return
        before = now


def machine() -> dict[str, str]:
    """Where and when the run is made."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "on": datetime.now(UTC).date().isoformat(),
        "cores": str(len(os.sched_getaffinity(0))),
        "of": model,
        "Python": platform.python_version(),
        "wrk connections": str(CONNECTIONS),
    }
