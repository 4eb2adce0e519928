"""Everything that can be set, from the environment (prefix `DIEUHANH_`) or a `.env` file.

`docs/operator.md` describes each of them; `make check` fails if one is missing there.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.addresses import networks
from layers.attempts import Limits
from layers.declarations.posting import Limits as DeclarationLimits
from layers.sos.posting import Limits as PostLimits

if TYPE_CHECKING:
    from layers.cap.signing import Signer

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
    timeline_bins: Annotated[int, Field(ge=10, le=100_000)] = 4000
    """Days, weeks or months that one timeline of a layer tells, at most."""
    live_viewers: Annotated[int, Field(ge=0, le=100_000)] = 2000
    """Live streams that a worker keeps open, at most."""
    feed_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days that the change feed tells back; what is older is kept in the audit trail only."""
    webhook_days: Annotated[float, Field(gt=0, le=365)] = 3
    """Days of failure after which a webhook is disabled."""
    webhook_private: bool = False
    """Let webhooks lead to this machine and to private networks."""
    edit_batch: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    """Features that one request may create, at most."""
    edit_mb: Annotated[int, Field(ge=1, le=1024)] = 32
    """Megabytes of the body of an edit, at most."""
    edit_vertices: Annotated[int, Field(ge=100, le=10_000_000)] = 100_000
    """Positions of one geometry that is sent, at most."""
    register_rows: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    """Rows of a sheet that is taken into a register, at most."""
    stay_keep_days: Annotated[float, Field(gt=0, le=3650)] = 21.0
    """Days after its end for which a stay in quarantine is kept with its person."""
    sample_keep_days: Annotated[float, Field(gt=0, le=3650)] = 21.0
    """Days for which a sample is kept with its person."""
    registration_keep_days: Annotated[float, Field(gt=0, le=3650)] = 180.0
    """Days for which a registration for vaccination nothing comes of is kept with its person."""
    access_log: bool = True
    """Write a log line for each request (no query values, no addresses of people)."""
    log_format: Literal["auto", "console", "json"] = "auto"
    """`console` to read, `json` to collect, `auto`: console on a terminal."""
    trusted_proxies: str = ""
    """Networks, by commas, of web servers in front whose `X-Forwarded-For` is believed."""
    session_hours: Annotated[float, Field(gt=0, le=720)] = 12.0
    """Hours after which a person signs in again."""
    sign_in_window: Annotated[float, Field(ge=1, le=86400)] = 900.0
    """Seconds for which a failure to sign in counts."""
    sign_in_login_limit: Annotated[int, Field(ge=1, le=1000)] = 10
    """Failures within the window after which a login waits."""
    sign_in_address_limit: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Failures within the window after which an address waits."""
    oidc_issuer: str = ""
    """The OpenID Connect provider's issuer; empty: people sign in by password here."""
    oidc_client_id: str = ""
    """This server's client id at the provider."""
    oidc_client_secret: SecretStr = SecretStr("")
    """This server's client secret at the provider."""
    oidc_create_as: Literal["", "viewer", "analyst"] = ""
    """The role of an account made for an unknown subject; empty: none is made."""
    basic_seconds: Annotated[float, Field(ge=0, le=3600)] = 300.0
    """Seconds for which a right password by HTTP Basic is not hashed again."""
    sos_window_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """Minutes back to which posts of requests for help count for their limits."""
    sos_per_address: Annotated[int, Field(ge=1)] = 12_000
    """Posts in that time from one network address: it may stand for a whole mobile network."""
    sos_per_phone: Annotated[int, Field(ge=1)] = 2_500
    """Posts in that time with one phone number: who collects requests has many."""
    sos_notable_phone: Annotated[int, Field(ge=1)] = 30
    """Posts in that time with one phone number after which more are taken, and flagged."""
    position_seconds: Annotated[float, Field(ge=0, le=3600)] = 5
    """Seconds between two positions of a team from one account; each worker counts for itself."""
    sos_keep_days: Annotated[int, Field(ge=1, le=3650)] = 21
    """Days after its closing for which a request's personal data and photos are kept."""
    person_keep_days: Annotated[float, Field(gt=0, le=3650)] = 21.0
    """Days for which persons whom nothing uses, nor any register holds, and old cards are kept."""
    card_days: Annotated[float, Field(gt=0, le=90)] = 7.0
    """Days for which a personal QR holds after its declaration."""
    declaration_hours: Annotated[float, Field(gt=0, le=720)] = 72.0
    """Hours for which a health declaration holds."""
    declaration_keep_days: Annotated[float, Field(gt=0, le=3650)] = 21.0
    """Days for which health declarations and what they raised are kept; counts stay."""
    declaration_window_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """Minutes back to which declarations count for their limits."""
    declaration_per_address: Annotated[int, Field(ge=1, le=10_000_000)] = 12_000
    """Declarations in that time from one network address: it may stand for a mobile network."""
    declaration_per_phone: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    """Declarations in that time with one phone number: a family, or who helps one, has many."""
    declaration_import: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    """Rows of a file of declarations, at most."""
    volunteer_keep_days: Annotated[float, Field(gt=0, le=3650)] = 180.0
    """Days without activity after which a volunteer is forgotten."""
    consultation_keep_days: Annotated[float, Field(gt=0, le=3650)] = 21.0
    """Days after its end for which who asked for a consultation, and why, is kept."""
    consultation_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    """Minutes after which a consultation that a doctor took and left comes to another one."""
    consultation_tries: Annotated[int, Field(ge=1, le=20)] = 3
    """Calls in vain after which a consultation is closed."""
    check_in_keep_days: Annotated[float, Field(gt=0, le=3650)] = 21.0
    """Days for which check-ins are kept by person; older ones are not taken either."""
    check_in_self: Annotated[int, Field(ge=1, le=10_000)] = 30
    """Check-ins of one person's own in an hour."""
    trace_stay_hours: Annotated[float, Field(gt=0, le=48)] = 14.0
    """Hours after a check-in until which a check-out of the same place ends that visit."""
    trace_dwell_minutes: Annotated[float, Field(gt=0, le=1440)] = 60.0
    """Minutes that a visit is taken to last of which the check-in or the check-out is missing."""
    trace_contacts: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    """Contacts of the first order that one search keeps, the nearest; the others are counted."""
    trace_second_contacts: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    """Contacts of the second order that one search keeps."""
    trace_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """Seconds after which a search for contacts, or taking contacts of devices, is given up."""
    trace_approval_hours: Annotated[float, Field(gt=0, le=720)] = 72.0
    """Hours for which an approved request for tracing may be searched and looked at."""
    trace_ask_seconds: Annotated[float, Field(ge=0, le=3600)] = 3.0
    """Seconds between two requests for tracing of one account; each worker counts for itself."""
    trace_keep_days: Annotated[float, Field(gt=0, le=3650)] = 21.0
    """Days after its end for which a request for tracing is kept with what it found."""
    trace_import: Annotated[int, Field(ge=1, le=1_000_000)] = 50_000
    """Rows of a file of contacts of devices, at most."""
    network_keep_days: Annotated[int, Field(ge=1, le=3650)] = 366
    """Days after its end for which an outage of a network asset is kept."""
    sos_photos: Annotated[int, Field(ge=0, le=50)] = 6
    """Photos of one request."""
    sos_photo_mb: Annotated[int, Field(ge=1, le=100)] = 12
    """Megabytes of a photo as it is sent."""
    sos_photo_edge: Annotated[int, Field(ge=200, le=8000)] = 1600
    """Pixels of the longer edge of a photo as it is kept."""
    cap_key: Path | None = None
    """The file of the private key that signs alerts, PEM without a pass phrase; none: unsigned."""
    cap_cert: Path | None = None
    """The file of the certificate of that key, PEM."""
    cap_mb: Annotated[int, Field(ge=1, le=100)] = 1
    """Megabytes of an alert of another system that is taken in."""
    road_lines: Annotated[int, Field(ge=1, le=10_000_000)] = 1_000_000
    """Lines of a file of roads, at most."""
    analysis_jobs: Annotated[int, Field(ge=1, le=64)] = 2
    """Jobs of analysis that run at a time."""
    analysis_early: bool = True
    """Whether the process of analysis starts with the server, not when first asked."""
    dask_scheduler: str | None = None
    """The address of a Dask scheduler whose workers count the events of archives."""
    analysis_seconds: Annotated[float, Field(gt=0, le=86400)] = 600.0
    """Seconds that a job may run."""
    analysis_wait: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds that a request waits for its job before it is given the job's address instead."""
    analysis_mb: Annotated[int, Field(ge=256, le=1_048_576)] = 2048
    """Megabytes of memory that a job may take."""
    analysis_result_mb: Annotated[int, Field(ge=1, le=1024)] = 64
    """Megabytes of a job's result."""
    analysis_own: Annotated[int, Field(ge=1, le=1000)] = 8
    """Jobs that an account may have waiting and running."""
    analysis_public: Annotated[int, Field(ge=1, le=1000)] = 16
    """Jobs that all who are not signed in may have waiting and running, together."""
    analysis_days: Annotated[float, Field(gt=0, le=3650)] = 7.0
    """Days for which a job and its result are kept."""
    results: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Results of analysis that are kept at a time."""
    result_features: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    """Areas of a result that is kept, at most."""
    result_days: Annotated[float, Field(gt=0, le=3650)] = 30.0
    """Days for which a result is kept if its keeper does not say."""
    result_days_most: Annotated[float, Field(gt=0, le=3650)] = 366.0
    """Days for which a result may be kept."""
    brief_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """Seconds that drawing the one-page brief may take."""
    brief_waiting: Annotated[int, Field(ge=1, le=1000)] = 20
    """Requests for briefs that wait for one being drawn in a worker, at most."""
    briefing_seconds: Annotated[float, Field(gt=0, le=600)] = 60.0
    """Seconds that drawing a briefing of an analysis may take."""
    briefing_waiting: Annotated[int, Field(ge=1, le=1000)] = 10
    """Requests for briefings that are made or wait, at most."""
    briefing_features: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    """Features that the map of a briefing draws, at most."""
    report_rows: Annotated[int, Field(ge=10, le=20_000)] = 1000
    """Rows that a table of a report has, at most."""
    report_seconds: Annotated[float, Field(gt=0, le=600)] = 60.0
    """Seconds that making a report's file may take."""
    report_waiting: Annotated[int, Field(ge=1, le=1000)] = 20
    """Requests for files of reports that wait in a worker, at most."""
    photos: Path = ROOT / ".data" / "photos"
    """The folder of the photos."""
    rasters: Path = ROOT / ".data" / "rasters"
    """The folder of the rasters."""
    rasters_mb: Annotated[int, Field(ge=1, le=10_000_000)] = 20_480
    """Megabytes of all rasters together."""
    raster_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 2048
    """Megabytes of a raster's file as it is brought, and as it is kept."""
    raster_pixels: Annotated[int, Field(ge=1, le=100_000_000_000)] = 400_000_000
    """Pixels of a raster that is brought."""
    raster_seconds: Annotated[float, Field(gt=0, le=86400)] = 1800.0
    """Seconds that taking a raster in may take."""
    raster_answer_pixels: Annotated[int, Field(ge=65_536, le=1_000_000_000)] = 16_777_216
    """Pixels of a coverage or a map that one request may ask for."""
    directives: Path = ROOT / ".data" / "directives"
    """The folder of the files of directives."""
    directives_mb: Annotated[int, Field(ge=1, le=10_000_000)] = 20_480
    """Megabytes of all files of directives together."""
    directive_mb: Annotated[int, Field(ge=1, le=1024)] = 25
    """Megabytes of one file of a directive."""
    directive_pages: Annotated[int, Field(ge=1, le=10_000)] = 300
    """Pages of one file of a directive."""
    directive_files: Annotated[int, Field(ge=1, le=100)] = 10
    """Files of one directive."""
    directive_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds that reading a file of a directive may take."""
    directive_memory_mb: Annotated[int, Field(ge=128, le=65_536)] = 512
    """Megabytes of memory that reading a file of a directive may take."""
    directive_keep_days: Annotated[float, Field(gt=0, le=3650)] = 30.0
    """Days for which the files of a deleted directive are kept: a deletion can be taken back."""
    idle_timeout: Annotated[int, Field(ge=1, le=3600)] = 75
    """Seconds after which a connection is closed on which nothing moves: no request, no answer."""
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

    @model_validator(mode="after")
    def _check_signer(self) -> Self:
        if (self.cap_key is None) != (self.cap_cert is None):
            raise ValueError(
                "DIEUHANH_CAP_KEY and DIEUHANH_CAP_CERT are set together or not at all"
            )
        return self

    @field_validator("oidc_issuer")
    @classmethod
    def _check_oidc_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        is_here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if value and not (parts.netloc and (parts.scheme == "https" or is_here)):
            raise ValueError("must be an https:// address")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_trusted_proxies(cls, value: str) -> str:
        networks(value)
        return value

    @property
    def sign_in_limits(self) -> Limits:
        """How often signing in may fail."""
        return Limits(self.sign_in_login_limit, self.sign_in_address_limit, self.sign_in_window)

    @property
    def sos_limits(self) -> PostLimits:
        """How many requests for help are taken without a proof."""
        return PostLimits(
            self.sos_window_minutes,
            self.sos_per_address,
            self.sos_per_phone,
            self.sos_notable_phone,
        )

    @property
    def declaration_limits(self) -> DeclarationLimits:
        """How many declarations are taken from people who are not signed in."""
        return DeclarationLimits(
            self.declaration_window_minutes,
            self.declaration_per_address,
            self.declaration_per_phone,
        )

    def load_signer(self) -> Signer | None:
        """What signs alerts; None: they are not signed.

        Raises:
            SettingsError: the key or the certificate cannot be used.
        """
        if self.cap_key is None or self.cap_cert is None:
            return None
        # Here, since few servers sign.
        from layers.cap.signing import SignerError, load_signer

        try:
            return load_signer(self.cap_key, self.cap_cert)
        except SignerError as error:
            raise SettingsError(f"DIEUHANH_CAP_KEY, DIEUHANH_CAP_CERT: {error}") from None

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
        if not first["loc"]:
            raise SettingsError(first["msg"].removeprefix("Value error, ")) from None
        field = str(first["loc"][0])
        name = field if field.isupper() else variable(field)
        shown = "" if field == "database_url" else f" {first['input']!r}"
        rule = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}{shown}: {rule}") from None
