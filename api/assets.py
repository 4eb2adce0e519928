"""The built web files: which script and styles the HTML pages load, and the files themselves."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import brotli
import orjson
import structlog

from api.settings import ROOT

DIST = ROOT / "web" / "dist"
MANIFEST = DIST / ".vite" / "manifest.json"
ENTRY = "src/ogc.ts"
"""The entry of the HTML pages in Vite's manifest."""

COMPRESSIBLE = (
    "text/",
    "application/javascript",
    "application/json",
    "image/svg",
    "application/manifest",
)
mimetypes.add_type("application/manifest+json", ".webmanifest")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses of what an HTML page loads; none where the web files are not built."""

    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    icon: str | None = None


def assets() -> Assets:
    """The script and the styles of the HTML pages, from Vite's manifest."""
    return _assets(_built())


def _built() -> int:
    """When the web files were built, in nanoseconds; what was read before is then forgotten."""
    try:
        return MANIFEST.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=1)
def _assets(_: int) -> Assets:
    try:
        manifest = orjson.loads(MANIFEST.read_bytes())
        entry = manifest[ENTRY]
    except (OSError, ValueError, KeyError):
        _log.warning("the web files are not built; pages have no styles", folder="web/dist")
        return Assets()
    icon = manifest.get("src/mark.svg")
    styles = dict.fromkeys(_styles(manifest, ENTRY, set()))
    return Assets(
        (f"/{entry['file']}",),
        tuple(f"/{style}" for style in styles),
        f"/{icon['file']}" if icon else None,
    )


def _styles(manifest: dict[str, dict[str, list[str]]], name: str, seen: set[str]) -> list[str]:
    """The styles of a chunk after those of the chunks that it imports."""
    if name in seen:
        return []
    seen.add(name)
    chunk = manifest[name]
    found: list[str] = []
    for imported in chunk.get("imports", []):
        found += _styles(manifest, imported, seen)
    return found + chunk.get("css", [])


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A built file, and its compressed forms by their content coding."""

    media_type: str
    etag: str
    body: bytes
    compressed: MappingProxyType[str, bytes]


def static_file(name: str) -> StaticFile | None:
    """A file of the build by its path under `web/dist`; None if the build has no such file.

    Compressed forms are read where the build made them, else made once.
    """
    built = _built()
    return _static_file(name, built) if name in _names(built) else None


@lru_cache(maxsize=256)
def _static_file(name: str, _: int) -> StaticFile:
    path = DIST / name
    body = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    compressed: dict[str, bytes] = {}
    if media_type.startswith(COMPRESSIBLE) and len(body) > 1024:
        compressed["br"] = _beside(path, ".br") or brotli.compress(body, quality=9)
        compressed["gzip"] = _beside(path, ".gz") or gzip.compress(body, 9)
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    etag = f'"{hashlib.blake2b(body, digest_size=9).hexdigest()}"'
    return StaticFile(media_type, etag, body, MappingProxyType(compressed))


def _beside(path: Path, suffix: str) -> bytes | None:
    other = path.with_name(path.name + suffix)
    return other.read_bytes() if other.is_file() else None


@lru_cache(maxsize=1)
def _names(_: int) -> frozenset[str]:
    """All files of the build: nothing outside it can be named, whatever a client sends."""
    return frozenset(
        path.relative_to(DIST).as_posix()
        for path in DIST.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(DIST).parts)
    )
