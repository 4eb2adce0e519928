"""Everything that can be set, from the environment (prefix `DIEUHANH_`) or a `.env` file.

`docs/operator.md` describes each of them; `make check` fails if one is missing there.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the product: `data/`, `styles/`, `migrations/` and `web/dist/` are in it."""


class SettingsError(Exception):
    """A setting has a value that it cannot have. The message is one line for the operator."""


def default_workers() -> int:
    """Two workers, or one where there is one core: the database needs the others."""
    return min(2, len(os.sched_getaffinity(0)))


class Settings(BaseSettings):
    """The product's settings, the same for `make run`, the container and the tests."""

    model_config = SettingsConfigDict(
        env_prefix="DIEUHANH_",
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    database_url: str = ""
    """The PostGIS database; empty: the private cluster under `.data/`."""
    data: Path = ROOT / ".data"
    """The folder of the private cluster."""
    province: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = "quang-nam"
    """The folder under `data/provinces/`."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535, validation_alias="PORT")] = 8000
    """The port to listen on. From `PORT`, without prefix."""
    public_url: str = ""
    """The address at which clients reach the server, for links; empty: from each request."""
    workers: Annotated[int, Field(ge=1, le=64)] = Field(default_factory=default_workers)
    """Server processes."""
    pool_size: Annotated[int, Field(ge=1, le=100)] = 8
    """Database connections a worker keeps for public reads, at most."""
    statement_timeout: Annotated[float, Field(gt=0, le=3600)] = 10.0
    """Seconds after which the database gives up a read."""
    cache_mb: Annotated[int, Field(ge=0, le=65536)] = 64
    """Megabytes of rendered answers that a worker keeps; 0: none."""
    access_log: bool = True
    """Write a log line for each request (no query values, no addresses of people)."""
    log_format: Literal["auto", "console", "json"] = "auto"
    """`console` to read, `json` to collect, `auto`: console on a terminal."""
    stop_timeout: Annotated[int, Field(ge=1, le=600)] = 10
    """Seconds that running requests get to end when the server stops."""

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc):
            raise ValueError("must be an http:// or https:// address")
        return value.rstrip("/")

    @property
    def province_folder(self) -> Path:
        """The folder of the province's settings and data files."""
        return ROOT / "data" / "provinces" / self.province


def variable(field: str) -> str:
    """The environment variable that sets a field."""
    return "PORT" if field == "port" else f"DIEUHANH_{field.upper()}"


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: a value breaks its rule; the message names the variable and the rule.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        name = field if field.isupper() else variable(field)
        shown = "" if field == "database_url" else f" {first['input']!r}"
        rule = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}{shown}: {rule}") from None
