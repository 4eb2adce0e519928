"""Whether the compose file means what it should: no engine is needed to say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from api.settings import Settings, variable

SERVICE_KEYS = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "environment",
    "healthcheck",
    "image",
    "init",
    "ports",
    "read_only",
    "restart",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "tmpfs",
    "volumes",
}
CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}
INTERPOLATION = re.compile(r"\$\{([A-Z_]+)(:?[-?][^}]*)?\}")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY")
FOR_COMPOSE = {"DIEUHANH_DATABASE_PASSWORD", "DIEUHANH_BIND"}
"""Variables that the compose file itself reads; the product does not."""


def problems(root: Path) -> list[str]:
    """What is wrong with `docker-compose.yml`, one line each."""
    text = (root / "docker-compose.yml").read_text()
    return list(_problems(text, yaml.safe_load(text)))


def _problems(text: str, document: dict[str, Any]) -> Iterator[str]:
    unknown = set(document) - {"name", "services", "volumes"}
    if unknown:
        yield f"unknown parts: {sorted(unknown)}"
    services: dict[str, dict[str, Any]] = document.get("services", {})
    volumes = set(document.get("volumes") or {})
    for name, service in services.items():
        for problem in _service(service, set(services), volumes):
            yield f"{name}: {problem}"
    real = {variable(field) for field in Settings.model_fields} | FOR_COMPOSE
    for name, fallback in INTERPOLATION.findall(text):
        if name not in real:
            yield f"{name} is no setting"
        if SECRET.search(name) and not fallback.startswith(":?"):
            yield f"{name} must be required with :?, without a default"


def _service(service: dict[str, Any], services: set[str], volumes: set[str]) -> Iterator[str]:
    unknown = set(service) - SERVICE_KEYS
    if unknown:
        yield f"unknown keys: {sorted(unknown)}"
    image = service.get("image", "")
    if not image or "." in image.split("/")[0].split(":")[0]:
        yield f"image {image!r} must be a name without a host"
    one_shot = service.get("restart") == "no"
    if not one_shot and "test" not in service.get("healthcheck", {}):
        yield "has no health check"
    for other, how in service.get("depends_on", {}).items():
        if other not in services:
            yield f"depends on {other}, which is not there"
        if how.get("condition") not in CONDITIONS:
            yield f"waits for {other} under no known condition"
    for mount in service.get("volumes", []):
        source = mount.split(":")[0]
        if not source.startswith(("/", ".")) and source not in volumes:
            yield f"volume {source} is not declared"
    for name, value in service.get("environment", {}).items():
        known = {variable(field) for field in Settings.model_fields}
        if name not in known and not name.startswith("POSTGRES_"):
            yield f"{name} is no setting"
        if SECRET.search(name) and "${" not in str(value):
            yield f"{name} holds a secret"
