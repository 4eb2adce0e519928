"""`/api/directives/{id}/files`: PDF files come in, checked by a child process, and go out."""

from __future__ import annotations

import asyncio
import hashlib
import re
import tempfile
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.callers import caller_of
from api.identify import challenge
from api.negotiation import Media
from api.ogc import parameters
from api.ogc.operations import Parameter, read, shorten
from api.problems import Problem
from api.services import services
from api.settings import Settings
from layers.documents import files
from layers.documents.files import File, Store
from layers.pdf.taking import Bounds, read_texts
from layers.roles import Caller
from spatial.errors import BadInput

PDF = Media("pdf", "application/pdf", "PDF")
MOST_BIGINT = 2**63 - 1
LONGEST_NAME = 200
_reading = asyncio.Semaphore(1)
"""One file at a time in each worker: the other core is for everybody else."""


def _name(text: str) -> str:
    """A file's name as it is shown: its last part, composed, without what cannot be seen."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", text))[-1]
    shown = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip(" .")
    if not shown:
        raise ValueError("must be the name of a file")
    if not shown.lower().endswith(".pdf"):
        shown = f"{shown}.pdf"
    if len(shown) > LONGEST_NAME:
        shown = f"{shown[: LONGEST_NAME - 4]}.pdf"
    return shown


_UPLOAD = parameters.indexed(
    Parameter("name", "What the file is called.", {"type": "string"}, parameters.no_nul(_name))
)
_DOWNLOAD = parameters.indexed(
    Parameter(
        "download",
        "Whether the browser keeps the file instead of showing it.",
        {"type": "boolean", "default": False},
        parameters.boolean,
    )
)


def file_address(directive: int, file: File) -> str:
    """The path of a file."""
    return f"/api/directives/{directive}/files/{file.id}"


def told(file: File) -> dict[str, Any]:
    """A file as answers describe it."""
    return {
        "id": str(file.id),
        "name": file.name,
        "bytes": file.bytes,
        "pages": file.pages,
        "hasText": file.has_text,
        "href": file_address(file.directive, file),
    }


async def upload(request: Request) -> Response:
    """`POST /api/directives/{id}/files?name=…`: a PDF as the body; 201 once it is on disk.

    Raises:
        Problem: 401, nobody is signed in; 413, 415 or 422, what was sent is not taken, and why.
        RuleRefused: the directive is not the caller's to change, or has files enough.
    """
    values = read(request, _UPLOAD)
    caller, directive = _editor(request), _directive(request)
    served = services(request)
    settings = served.settings
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PDF.type:
        raise Problem(415, f"Content-Type must be {PDF.type}.", headers={"Accept-Post": PDF.type})
    await files.check(served.database, directive, caller)
    store = Store(settings.directives, settings.directives_mb, settings.directive_files)
    try:
        async with _arriving(request, settings) as arrived:
            async with _reading:
                texts = await read_texts(arrived[0], _bounds(settings))
            added = await files.add(
                served.database, caller, store, directive,
                values.get("name", "van-ban.pdf"), arrived, texts,
            )  # fmt: skip
    except BadInput as error:
        raise Problem(422, f"The file is refused: {error}.", rule=_both(error)) from error
    except files.NoRoom:
        raise Problem(
            507, f"All files together have {settings.directives_mb} MB (DIEUHANH_DIRECTIVES_MB)."
        ) from None
    found = await files.find(served.database, added, caller)
    if found is None:
        raise Problem(409, "The file was removed in the meantime.")
    return Response(
        orjson.dumps(told(found)),
        201,
        {"Location": file_address(directive, found), "Cache-Control": "no-store"},
        media_type="application/json",
    )


def _both(error: BadInput) -> dict[str, str]:
    return {"vi": f"Không nhận tệp: {error.vi}.", "en": f"The file is refused: {error.en}."}


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        settings.directive_pages, settings.directive_seconds, settings.directive_memory_mb
    )


def _editor(request: Request) -> Caller:
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Sign in to change the files of a directive.", basic=False)
    return caller


def _directive(request: Request) -> int:
    directive: int = request.path_params["directive"]
    if directive > MOST_BIGINT:
        raise Problem(404, f"There is no directive {shorten(str(directive))}.")
    return directive


@asynccontextmanager
async def _arriving(request: Request, settings: Settings) -> AsyncIterator[tuple[Path, str]]:
    """The body as a file in the workshop, and its hash; gone afterwards unless it was put away."""
    most = settings.directive_mb * 1024 * 1024
    if int(request.headers.get("content-length") or 0) > most:
        raise _too_large(settings)
    folder = await asyncio.to_thread(files.workshop, settings.directives)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as part:
        path = Path(part.name)
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise _too_large(settings)
                digest.update(chunk)
                part.write(chunk)
            part.flush()
            yield path, digest.hexdigest()
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)


def _too_large(settings: Settings) -> Problem:
    vi = f"Tệp lớn hơn {settings.directive_mb} MB."
    en = f"The file is larger than {settings.directive_mb} MB (DIEUHANH_DIRECTIVE_MB)."
    return Problem(413, en, headers={"Connection": "close"}, rule={"vi": vi, "en": en})


async def download(request: Request) -> Response:
    """`GET /api/directives/{id}/files/{file}`: the PDF, also in parts; 304 for who has it.

    Raises:
        Problem: 404, there is none that the caller may read.
    """
    values = read(request, _DOWNLOAD)
    served = services(request)
    found = await files.find(served.database, request.path_params["file"], caller_of(request))
    if found is None or found.directive != request.path_params["directive"]:
        raise Problem(404, "There is no such file, or it is for staff.")
    etag = f'"{found.sha256}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "no-cache" if found.is_public else "private, no-cache",
        "Content-Disposition": _disposition(found, kept=values.get("download", False)),
    }
    known = request.headers.get("if-none-match", "")
    if etag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    path = files.path_of(served.settings.directives, found.sha256)
    if not await asyncio.to_thread(path.is_file):
        raise Problem(503, "The file cannot be read at the moment.")
    # The outermost layer counts what is sent, so the file is sent in pieces.
    request.scope.get("extensions", {}).pop("http.response.pathsend", None)
    return FileResponse(path, media_type=PDF.type, headers=headers)


def _disposition(file: File, *, kept: bool) -> str:
    """The header by which a browser names the file: by the directive's number."""
    plain = unicodedata.normalize("NFD", file.number.replace("Đ", "D").replace("đ", "d"))
    name = re.sub(r"[^A-Za-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
    full = quote(f"{file.number.replace('/', '-')} {file.name}", safe="")
    how = "attachment" if kept else "inline"
    return f"{how}; filename=\"{name or 'van-ban'}.pdf\"; filename*=UTF-8''{full}"


async def remove(request: Request) -> Response:
    """`DELETE /api/directives/{id}/files/{file}`: the directive loses the file.

    Raises:
        Problem: 401, nobody is signed in; 404, there is no such file.
        RuleRefused: the directive is not the caller's to change.
    """
    read(request, {})
    caller, directive = _editor(request), _directive(request)
    database = services(request).database
    if not await files.remove(database, caller, directive, request.path_params["file"]):
        raise Problem(404, "There is no such file.")
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
