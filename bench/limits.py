"""Two limits in the same run: PostgreSQL alone by pgbench, and nginx with the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from api.postgresql import find_programs
from bench.cases import DEEP, Ask
from bench.processes import BenchError, Server, find_tool, free_port
from layers.catalogue import CATALOGUE
from layers.pages import Counting, page_sql
from layers.query import Query, feature_sql
from layers.tiles import tile_source
from spatial.bbox import parse_bbox
from spatial.mvt import tile_sql
from spatial.sql import Sql, literal
from spatial.tiles import WEB_MERCATOR_QUAD, Tile

CLIENTS = 4
SCRIPTS = 24
"""Statements of a random case that pgbench chooses from."""
SESSION = "-c jit=off -c max_parallel_workers_per_gather=0 -c search_path=public"
"""The planner's settings of this server's own connections."""

NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log error;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=100 inactive=1h;
  open_file_cache_valid 1h;
  default_type application/octet-stream;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def statements(asks: Sequence[Ask]) -> list[str]:
    """The SQL that this server runs for the first requests of a case."""
    return [as_text(_statement(ask)) for ask in asks[:SCRIPTS]]


def _statement(ask: Ask) -> Sql:
    layer = CATALOGUE[ask.layer]
    if ask.kind == "feature":
        return feature_sql(Query(layer), ask.identifier)
    if ask.kind == "tile":
        return tile_sql(tile_source(layer), WEB_MERCATOR_QUAD, Tile(*ask.tile))
    query = Query(layer, limit=ask.limit, equals=ask.equals)
    if "bbox" in ask.query:
        query = replace(query, bbox=parse_bbox(ask.query["bbox"]))
    if ask.deep == "cursor":
        query = replace(query, after=(ask.identifier,))
    if ask.deep == "offset":
        query = replace(query, offset=DEEP)
    # The counts are known after the first of many equal requests; random boxes are not counted.
    return page_sql(query, Counting.MANY)


def as_text(query: Sql) -> str:
    """SQL with its values written out, in a form that pgbench leaves alone.

    pgbench takes `:name` for a variable, in literals too: there the colon is escaped.
    """
    text, values = query.render()

    def value(match: re.Match[str]) -> str:
        found = values[int(match[1]) - 1]
        if isinstance(found, list | tuple):
            return f"ARRAY[{', '.join(literal(str(part)) for part in found)}]"
        return "NULL" if found is None else literal(str(found))

    written = re.sub(r"\$(\d+)(?=::)", value, text)
    return re.sub(r"(E?)'((?:[^']|'')*)'", _without_colons, written)


def _without_colons(match: re.Match[str]) -> str:
    prefix, inside = match[1], match[2]
    if ":" not in inside:
        return match[0]
    escaped = inside if prefix else inside.replace("\\", "\\\\")
    return "E'" + escaped.replace(":", "\\x3a") + "'"


def pgbench(url: str, texts: Sequence[str], role: str, seconds: float, folder: Path) -> float:
    """Answers a second of PostgreSQL alone, 4 clients with prepared statements.

    Raises:
        BenchError: PostgreSQL's programs are missing, or a statement fails.
    """
    programs = find_programs()
    if programs is None:
        raise BenchError("PostgreSQL's programs are not installed here")
    folder.mkdir(parents=True, exist_ok=True)
    command = [programs.path("pgbench"), "--no-vacuum", "--protocol=prepared"]
    command += [f"--client={CLIENTS}", "--jobs=1", f"--time={max(1, round(seconds))}"]
    for number, text in enumerate(texts):
        script = folder / f"{number}.sql"
        script.write_text(f"{' '.join(text.split())};\n")
        command.append(f"--file={script}")
    done = subprocess.run(
        [*command, url],
        env={**os.environ, "PGOPTIONS": f"{SESSION} -c role={role}"},
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None:
        raise BenchError(f"pgbench: {done.stderr.strip()[-500:]}")
    return float(found[1])


@contextmanager
def nginx(folder: Path, bodies: Mapping[str, bytes]) -> Iterator[str]:
    """nginx with one process, serving bodies by their names from files; its address.

    Raises:
        BenchError: nginx is missing or does not start.
    """
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    for name, body in bodies.items():
        (files / name).write_bytes(body)
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    command = [find_tool("nginx"), "-c", str(config), "-p", str(folder), "-e", "stderr"]
    with Server("nginx", command, {}, folder / "start.log") as server:
        base = f"http://127.0.0.1:{port}"
        server.wait_until_ready(f"{base}/{next(iter(bodies))}")
        yield base
