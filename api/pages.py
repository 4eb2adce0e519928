"""The built pages and web files, and the form that turns its fields into a request."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.assets import StaticFile, assets, static_file
from api.ogc.forms import DAY_FIELDS
from api.problems import Problem
from api.services import services
from spatial.errors import BadInput

IMMUTABLE = "public, max-age=31536000, immutable"
_HASHED = re.compile(r"-[\w-]{8}\.\w+$")
"""Vite puts a digest of the content into the names of what it builds."""


async def map_page(request: Request) -> Response:
    """`/`: the operations map."""
    return await _page(request, "index.html")


async def sos_page(request: Request) -> Response:
    """`/sos`: asking for help, also without a network."""
    return await _page(request, "sos.html")


async def board_page(request: Request) -> Response:
    """`/board`: the coordinators' board; its script asks who is signed in, and reads the rest."""
    return await _page(request, "board.html")


async def team_page(request: Request) -> Response:
    """`/team`: the tasks of a rescue team, also without a network."""
    return await _page(request, "team.html")


async def checkpoint_page(request: Request) -> Response:
    """`/checkpoint`: reading QR codes at a checkpoint."""
    return await _page(request, "checkpoint.html")


async def declare_page(request: Request) -> Response:
    """`/declare`: declaring one's health, and the personal QR, also without a network."""
    return await _page(request, "declare.html")


async def flags_page(request: Request) -> Response:
    """`/flags`: what declarations and samples raise; its script asks who is signed in."""
    return await _page(request, "flags.html")


async def tracing_page(request: Request) -> Response:
    """`/tracing`: contact tracing; its script asks who is signed in, and reads the rest."""
    return await _page(request, "tracing.html")


async def check_in_page(request: Request) -> Response:
    """`/check-in`: people check in themselves, by the poster of a site."""
    return await _page(request, "check-in.html")


async def registers_page(request: Request) -> Response:
    """`/registers`: the private tables of staff, each made from its record."""
    return await _page(request, "registers.html")


async def vaccination_page(request: Request) -> Response:
    """`/vaccination`: the desk of a vaccination point; its script asks who is signed in."""
    return await _page(request, "vaccination.html")


async def vaccinate_page(request: Request) -> Response:
    """`/vaccinate`: registering for vaccination, also without a network."""
    return await _page(request, "vaccinate.html")


async def vaccination_progress_page(request: Request) -> Response:
    """`/vaccination-progress`: doses by district, group and number, for everybody."""
    return await _page(request, "vaccination-progress.html")


async def hotline_page(request: Request) -> Response:
    """`/hotline`: an operator enters what callers ask for."""
    return await _page(request, "hotline.html")


async def directives_page(request: Request) -> Response:
    """`/directives`: finding and reading directives; those who may write them here too."""
    return await _page(request, "directives.html")


async def epidemic_page(request: Request) -> Response:
    """`/epidemic`: the course of the epidemic, for everybody; reports, for who makes them."""
    return await _page(request, "epidemic.html")


async def dashboard_page(request: Request) -> Response:
    """`/dashboard`: the day's figures, for a desk, a phone or a wall."""
    return await _page(request, "dashboard.html")


async def _page(request: Request, name: str) -> Response:
    found = await run_in_threadpool(static_file, name)
    if found is None:
        raise Problem(503, "The web pages have not been built; `make run` builds them.")
    return _answer(request, found, "no-cache")


async def asset(request: Request) -> Response:
    """`/assets/…`: scripts, styles, fonts and pictures of the build."""
    return await _file(request, f"assets/{request.path_params['path']}")


async def root_file(request: Request) -> Response:
    """Files that browsers look for at the root; the icon is the site's mark."""
    name = request.url.path.lstrip("/")
    icon = assets().icon
    if name.startswith("favicon") and icon is not None:
        name = icon.lstrip("/")
    return await _file(request, name)


async def _file(request: Request, name: str) -> Response:
    found = await run_in_threadpool(static_file, name)
    if found is None:
        raise Problem(404, "There is nothing at this address.")
    return _answer(request, found, IMMUTABLE if _HASHED.search(request.url.path) else "no-cache")


def _answer(request: Request, found: StaticFile, cache_control: str) -> Response:
    headers = {"ETag": found.etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = found.body
    for coding, compressed in found.compressed.items():
        if _accepts(request.headers.get("accept-encoding", ""), coding):
            body = compressed
            headers["Content-Encoding"] = coding
            break
    return Response(body, media_type=found.media_type, headers=headers)


def _accepts(header: str, coding: str) -> bool:
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == coding:
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False


async def find(request: Request) -> Response:
    """`/find/{layer}`: the filter form's fields as a request to `/items`.

    A plain form sends every field, also the empty ones, which `/items` rightly refuses; and it
    has days in the province's zone where `datetime` is an interval of instants.
    """
    served = services(request)
    layer = served.layer(request.path_params["layer"])
    if layer is None:
        raise Problem(404, "There is no such collection.")
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k not in DAY_FIELDS and v]
    days = [request.query_params.get(name, "") for name in DAY_FIELDS]
    if any(days):
        pairs.append(("datetime", interval(days[0], days[1], served.province.time_zone)))
    path = f"/ogc/collections/{layer.id}/items"
    return RedirectResponse(f"{path}?{urlencode(pairs)}" if pairs else path, status_code=303)


def interval(first: str, last: str, zone: ZoneInfo) -> str:
    """The `datetime` from the start of the first day to the last second of the last day.

    Args:
        first, last: `YYYY-MM-DD` in the zone; an empty one leaves that end open.

    Raises:
        Problem: 400 for a text that is no day.
    """
    ends = (_instant(first, time.min, zone), _instant(last, time(23, 59, 59), zone))
    return "/".join(ends)


def _instant(day: str, at: time, zone: ZoneInfo) -> str:
    if not day:
        return ".."
    try:
        moment = datetime.combine(date.fromisoformat(day), at, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        rule = BadInput("is not a day such as 2021-08-17", "không phải là ngày như 2021-08-17")
        raise Problem(400, f"{day[:40]!r} {rule}.") from rule
    return moment.isoformat().replace("+00:00", "Z")


ROUTES = [
    Route("/", map_page, name="map"),
    Route("/sos", sos_page, name="sos"),
    Route("/board", board_page, name="board"),
    Route("/dashboard", dashboard_page, name="dashboard"),
    Route("/epidemic", epidemic_page, name="epidemic"),
    Route("/directives", directives_page, name="directives"),
    Route("/team", team_page, name="team"),
    Route("/checkpoint", checkpoint_page, name="checkpoint"),
    Route("/declare", declare_page, name="declare"),
    Route("/flags", flags_page, name="flags"),
    Route("/tracing", tracing_page, name="tracing"),
    Route("/check-in", check_in_page, name="check_in"),
    Route("/registers", registers_page, name="registers"),
    Route("/vaccination", vaccination_page, name="vaccination"),
    Route("/vaccinate", vaccinate_page, name="vaccinate"),
    Route("/vaccination-progress", vaccination_progress_page, name="vaccination_progress"),
    Route("/hotline", hotline_page, name="hotline"),
    Route("/assets/{path:path}", asset, name="asset"),
    Route("/find/{layer}", find, name="find"),
    *(
        Route(f"/{name}", root_file, name=name)
        for name in (
            "favicon.ico",
            "favicon.svg",
            "manifest.webmanifest",
            "team.webmanifest",
            "declare.webmanifest",
            "robots.txt",
            "sw.js",
        )
    ),
]
