"""How each server is started: one worker, no access log, on the loopback interface."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.processes import ROOT, BenchError, Server, free_port, run

REQUIREMENTS = ROOT / "bench" / "requirements.txt"
HOST = "127.0.0.1"


def dieuhanh_command() -> list[str]:
    """The product's command line."""
    return [sys.executable, "-m", "api.cli"]


def product_env(database_url: str, **settings: str) -> dict[str, str]:
    """The environment of the product's commands: none of this shell's settings but these."""
    cleared = {name: "" for name in os.environ if name.startswith("DIEUHANH_")}
    return {**cleared, "DIEUHANH_DATABASE_URL": database_url, **settings}


def start_dieuhanh(database_url: str, cache_mb: int, log: Path) -> tuple[Server, str]:
    """This server, and its address."""
    port = free_port()
    env = product_env(
        database_url,
        DIEUHANH_WORKERS="1",
        DIEUHANH_CACHE_MB=str(cache_mb),
        DIEUHANH_ACCESS_LOG="false",
        # The process of analysis is measured where there are analyses (bench.analysis).
        DIEUHANH_ANALYSIS_EARLY="0",
        DIEUHANH_HOST=HOST,
        PORT=str(port),
    )
    server = Server("dieuhanh", [*dieuhanh_command(), "serve"], env, log)
    return server, f"http://{HOST}:{port}"


def peers_environment(data: Path) -> Path:
    """The peers' virtual environment, made on first use; the folder of its programs.

    Raises:
        BenchError: their packages cannot be installed.
    """
    folder = data / "bench-venv"
    stamp = folder / "requirements.sha256"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        log = data / "bench" / "peers.log"
        run([sys.executable, "-m", "venv", "--clear", str(folder)], {}, log, 120)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "-r", str(REQUIREMENTS)], {}, log, 300)
        stamp.write_text(wanted)
    return folder / "bin"


def start_tipg(programs: Path, database_url: str, log: Path) -> tuple[Server, str]:
    """tipg on uvicorn with uvloop and httptools, its catalogue read once."""
    port = free_port()
    command = [str(programs / "uvicorn"), "tipg.main:app", "--host", HOST, "--port", str(port)]
    command += ["--workers", "1", "--no-access-log", "--log-level", "warning"]
    env = {
        "DATABASE_URL": database_url,
        "TIPG_DB_SCHEMAS": '["bench"]',
        "TIPG_CATALOG_TTL": "0",
    }
    return Server("tipg", command, env, log), f"http://{HOST}:{port}"


def start_pygeoapi(
    programs: Path, database: dict[str, str], layers: dict[str, str], folder: Path
) -> tuple[Server, str]:
    """pygeoapi as its container starts it: gunicorn with a gevent worker.

    Args:
        database: the database in libpq's words.
        layers: id column by layer.
        folder: where its configuration and log are written.
    """
    port = free_port()
    url = f"http://{HOST}:{port}"
    config, openapi = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    config.parent.mkdir(parents=True, exist_ok=True)
    # JSON is YAML: no YAML library is needed to write it.
    config.write_text(json.dumps(pygeoapi_config(url, port, database, layers)))
    env = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    generate = [str(programs / "pygeoapi"), "openapi", "generate", str(config)]
    run([*generate, "--output-file", str(openapi)], env, folder / "pygeoapi.log", 60)
    command = [str(programs / "gunicorn"), "pygeoapi.flask_app:APP", "--bind", f"{HOST}:{port}"]
    command += ["--workers", "1", "--worker-class", "gevent", "--no-control-socket"]
    command += ["--worker-tmp-dir", str(folder), "--timeout", "120"]
    return Server("pygeoapi", command, env, folder / "pygeoapi.log"), url


def pygeoapi_config(
    url: str, port: int, database: dict[str, str], layers: dict[str, str]
) -> dict[str, Any]:
    """pygeoapi's configuration: features and vector tiles of the plain tables."""
    data = {
        "host": database.get("host", HOST),
        "port": int(database.get("port", "5432")),
        "dbname": database["dbname"],
        "user": database.get("user", ""),
        "password": database.get("password", ""),
        "search_path": ["bench", "public"],
    }
    return {
        "server": {
            "bind": {"host": HOST, "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "pretty_print": False,
            "gzip": False,
            "limits": {"default_items": 10, "max_items": 10000},
            "map": {"url": "about:blank", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                **_texts("bench"),
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": url,
            },
            "license": {"name": "none", "url": url},
            "provider": {"name": "bench", "url": url},
            "contact": {"name": "bench"},
        },
        "resources": {
            layer: {
                "type": "collection",
                **_texts(layer),
                "links": [],
                "extents": {"spatial": {"bbox": [106, 14, 110, 17]}},
                "providers": [
                    {"type": "feature", "name": "PostgreSQL", **_table(layer, key, data)},
                    {
                        "type": "tile",
                        "name": "MVT-postgresql",
                        **_table(layer, key, data),
                        "options": {"zoom": {"min": 0, "max": 22}},
                        "format": {
                            "name": "pbf",
                            "mimetype": "application/vnd.mapbox-vector-tile",
                        },
                    },
                ],
            }
            for layer, key in layers.items()
        },
    }


def _texts(text: str) -> dict[str, Any]:
    return {"title": {"en": text}, "description": {"en": text}, "keywords": {"en": [text]}}


def _table(layer: str, key: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"data": data, "table": layer, "id_field": key, "geom_field": "geom"}


def program_version(command: list[str]) -> str:
    """What a program prints about its version, on one line."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    if not lines:
        raise BenchError(f"{' '.join(command)} printed nothing")
    return lines[0].strip()
