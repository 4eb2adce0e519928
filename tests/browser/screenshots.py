"""Takes pictures of every page, in each size, language and theme: `make screenshots`.

The whole set goes to FOLDER (`.data/screenshots`); those that a document shows, to `docs/images` as
well. A picture's name says what it is of: `map-phone-en-dark.png`; Vietnamese and light are not
named. Without ADDRESS it runs a server of its own, with the demo and an account of each role;
with one, pages that need an account are left out.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image
from PIL.Image import Dither
from playwright.sync_api import Browser, Error, Geolocation, Page

from api.cli.database import create_database
from api.cluster import temporary_cluster
from layers.demo.yesterday import give_yesterday
from layers.roles import Role
from tests.browser.chromium import chromium, open_page
from tests.browser.shots import REPORT, SHOTS, SIZES, THEMES, Shot
from tests.conftest import ROOT, command, serving
from tests.people import PASSWORD, Person, person

IMAGES = ROOT / "docs" / "images"
LANGUAGES = ("vi", "en")
HERE: Geolocation = {"longitude": 108.4740, "latitude": 15.5736, "accuracy": 18}
REFUSED = "Failed to load resource"  # what a browser notes of an answer that is an error


def documents_show() -> set[str]:
    """The names of the pictures that the documents show."""
    pages = (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    return {
        name for page in pages for name in re.findall(r"images/([\w-]+\.png)", page.read_text())
    }


def file_name(shot: Shot, size: str, language: str, theme: str) -> str:
    """The name of a picture."""
    said = (shot.name, size, *(part for part in (language, theme) if part not in ("vi", "light")))
    return f"{'-'.join(said)}.png"


def take(
    browser: Browser,
    address: str,
    shot: Shot,
    logins: Mapping[Role, str],
    languages: Sequence[str] = LANGUAGES,
    themes: Sequence[str] = THEMES,
) -> Iterator[tuple[str, bytes]]:
    """The pictures of a shot, with their names.

    Raises:
        AssertionError: the page wrote errors, or asked another host.
    """
    for size in shot.sizes:
        for language in languages:
            scale = 2 if size == "phone" else 1
            page, watch = open_page(browser, address, SIZES[size], language=language, scale=scale)
            _arrive(page, shot, address, language, logins)
            for theme in (one for one in shot.themes if one in themes):
                page.emulate_media(color_scheme=theme)
                page.wait_for_timeout(1500)
                yield file_name(shot, size, language, theme), shot.picture(page)
            watch.errors = [error for error in watch.errors if REFUSED not in error]
            watch.assert_clean()
            page.context.close()


def _arrive(
    page: Page, shot: Shot, address: str, language: str, logins: Mapping[Role, str]
) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)
    page.context.add_cookies([{"name": "dieuhanh_language", "value": language, "url": address}])
    if shot.role is not None:
        body = {"login": logins[shot.role], "password": PASSWORD}
        assert page.request.post("/api/session", data=body).ok
    page.goto(shot.path)
    page.locator(shot.ready).first.wait_for()
    shot.act(page)


def _give_task(address: str, people: Mapping[Role, Person]) -> None:
    """Post the report, and give it to a team of the rescuer."""
    headers = people[Role.COORDINATOR].headers
    with httpx.Client(base_url=address, headers=headers) as client:
        client.post("/api/sos", json=REPORT).raise_for_status()
        near = client.get(f"/api/sos/{REPORT['id']}/teams?limit=1").raise_for_status()
        team = near.json()["teams"][0]["id"]
        members = [people[Role.RESCUER].login]
        leader = {"leader": "Anh Tư", "phone": "0905 222 333", "members": members}
        client.put(f"/api/teams/{team}", json=leader).raise_for_status()
        given = {"team": team, "note": "Đi đường đê"}
        client.post(f"/api/sos/{REPORT['id']}/assignment", json=given).raise_for_status()


@contextmanager
def _own_server() -> Iterator[tuple[str, dict[Role, str]]]:
    """A server with the demo, and the logins of its accounts by their roles."""
    with temporary_cluster() as cluster:
        url = create_database(cluster, "screenshots")
        for words in (("migrate",), ("demo",)):
            done = command(*words, database_url=url)
            assert done.returncode == 0, done.stderr
        give_yesterday(url)
        people = {
            role: person(
                url,
                role,
                departments=("rescue_coordination",) if role is Role.COORDINATOR else (),
                login=f"anh.{role.value}",
                password=PASSWORD,
            )
            for role in {shot.role for shot in SHOTS if shot.role is not None}
        }
        with serving(url, {"DIEUHANH_SOS_PER_ADDRESS": "10000"}) as address:
            _give_task(address, people)
            yield address, {role: one.login for role, one in people.items()}


def small(picture: bytes) -> bytes:
    """A picture of at most 256 colours, a third of its size; those of pages have few more."""
    paletted = Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Dither.NONE)
    written = io.BytesIO()
    paletted.save(written, "PNG", optimize=True)
    return min(picture, written.getvalue(), key=len)


def _write(address: str, logins: Mapping[Role, str], asked: argparse.Namespace) -> list[str]:
    """Take the pictures; the names of the shots that failed."""
    shown = documents_show()
    failed = []
    with chromium() as browser:
        for shot in SHOTS:
            if asked.only and shot.name not in asked.only:
                continue
            if shot.role and shot.role not in logins:
                continue
            pictures = take(browser, address, shot, logins, asked.languages, asked.themes)
            try:
                for name, picture in pictures:
                    (asked.folder / name).write_bytes(picture)
                    if name in shown:
                        (IMAGES / name).write_bytes(small(picture))
                    sys.stdout.write(f"{name}\n")
                    sys.stdout.flush()
            except (Error, AssertionError) as error:
                failed.append(shot.name)
                sys.stderr.write(f"{shot.name}: {error}\n")
                for context in browser.contexts:
                    context.close()
    return failed


def main() -> None:
    """Take the pictures that the arguments ask for; the exit status is 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="of a server that is running")
    parser.add_argument("--folder", type=Path, default=ROOT / ".data" / "screenshots")
    parser.add_argument("--only", nargs="*", default=[], help="names of shots")
    parser.add_argument("--languages", nargs="*", default=LANGUAGES, choices=LANGUAGES)
    parser.add_argument("--themes", nargs="*", default=THEMES, choices=THEMES)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.address:
        failed = _write(asked.address, {}, asked)
    else:
        with _own_server() as (address, logins):
            failed = _write(address, logins, asked)
    if failed:
        sys.exit(f"not taken: {', '.join(failed)}")


if __name__ == "__main__":
    main()
