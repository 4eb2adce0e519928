"""Posting a request for help and following it: idempotent, durable, all faults at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg2
import pytest
from PIL import Image

from tests.conftest import RunServer

Rows = list[tuple[Any, ...]]


class Site:
    """A server of a test's own, and its database."""

    def __init__(self, address: str, url: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=30)
        self._url = url

    def rows(self, query: str, *values: Any) -> Rows:
        """The rows of a statement, as the database's owner; committed."""
        connection = psycopg2.connect(self._url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def public(self, request: str) -> dict[str, Any]:
        """A request as everybody sees it."""
        answer = self.client.get(f"/ogc/collections/sos_requests/items/{request}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def photo_folder(tmp_path: Any) -> Any:
    return tmp_path / "photos"


@pytest.fixture
def site(fresh_database_url: str, run_server: RunServer, photo_folder: Any) -> Iterator[Site]:
    env = {"DIEUHANH_PHOTOS": str(photo_folder)}
    made = Site(run_server(fresh_database_url, env), fresh_database_url)
    yield made
    made.client.close()


@pytest.fixture
def strict_site(fresh_database_url: str, run_server: RunServer) -> Iterator[Site]:
    """A server that takes three posts of an address, and two of a phone, without a proof."""
    env = {"DIEUHANH_SOS_PER_ADDRESS": "3", "DIEUHANH_SOS_PER_PHONE": "2"}
    made = Site(run_server(fresh_database_url, env), fresh_database_url)
    yield made
    made.client.close()


def a_post(**changes: Any) -> dict[str, Any]:
    """A post that is right; fields given as None are left out."""
    whole = {
        "id": str(uuid4()),
        "lon": 108.33421,
        "lat": 15.88012,
        "accuracy_m": 12.5,
        "category": "trapped",
        "people": 4,
        "injured": 1,
        "children": 2,
        "elderly": 1,
        "needs": ["xuồng", "thuốc"],
        "note": "Nước lên tới mái, nhà cấp bốn sau trường",
        "phone": "+84 905 123 456",
        "name": "Người báo tin",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def test_a_post_is_answered_with_a_code_and_a_secret(site: Site) -> None:
    post = a_post()
    answer = site.client.post("/api/sos", json=post)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["id"] == post["id"]
    assert body["code"].startswith("S")
    assert body["state"] == "new"
    assert body["follow"]["url"].endswith(f"/sos/follow#{body['follow']['token']}")
    assert answer.headers["cache-control"] == "no-store"
    shown = site.public(post["id"])
    assert shown["geometry"]["coordinates"] == [108.334, 15.88]
    assert shown["properties"]["code"] == body["code"]
    # A landslide, flood or emergency 5, an injured person 3, children or old people 1.
    assert shown["properties"]["priority"] == "critical"
    for private in ("905", "123456", "mái", "Người báo", "xuồng", body["follow"]["token"]):
        assert private not in str(shown)
    kept = site.rows(
        "SELECT phone, name, needs, position_source, follow_hash::text, sender_hash::text"
        " FROM private.sos_report WHERE request_id = %s",
        post["id"],
    )[0]
    assert kept[:4] == ("0905123456", "Người báo tin", ["xuồng", "thuốc"], "gps")
    assert body["follow"]["token"] not in str(kept)
    assert "127.0.0.1" not in str(kept)


def test_the_same_post_again_is_the_same_request(site: Site) -> None:
    post = a_post()
    first = site.client.post("/api/sos", json=post)
    again = site.client.post("/api/sos", json=post)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = site.client.post("/api/sos", json=a_post(id=post["id"], people=5))
    assert other.status_code == 409
    assert "token" not in other.text
    assert site.rows("SELECT count(*) FROM layer.sos_requests WHERE id = %s", post["id"]) == [(1,)]
    assert site.rows("SELECT count(*) FROM private.sos_step WHERE request_id = %s", post["id"]) == [
        (1,)
    ]


def test_who_guesses_contents_gets_no_token(site: Site) -> None:
    post = a_post(note=None, phone=None, name=None)
    site.client.post("/api/sos", json=post)
    for people in range(20, 30):
        guess = site.client.post("/api/sos", json={**post, "people": people})
        assert guess.status_code == 409
    right = site.client.post("/api/sos", json=post)
    assert right.status_code == 200
    assert "follow" not in right.json()


def test_the_id_of_a_request_that_nobody_posted_is_taken(site: Site) -> None:
    ((known,),) = site.rows("SELECT id::text FROM layer.sos_requests LIMIT 1")
    assert site.client.post("/api/sos", json=a_post(id=known)).status_code == 409


def test_all_faults_are_listed_by_field(site: Site) -> None:
    wrong = {
        "id": "1", "lon": 500, "lat": "north", "accuracy_m": -1, "category": "party",
        "people": -2, "injured": 1.5, "children": True, "elderly": "many", "needs": [1],
        "note": "x" * 4001, "phone": "call me", "name": ["a"], "on_behalf_of": {"a": 1},
    }  # fmt: skip
    answer = site.client.post("/api/sos", json=wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json()["errors"]
    assert {one["field"] for one in errors} == set(wrong)
    assert all(one["vi"] and one["en"] for one in errors)
    assert site.client.post("/api/sos", json={}).json()["errors"][-1]["field"] == "lon"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'"' + b"x" * 70_000 + b'"', "application/json", 413),
        (b"no form", "multipart/form-data; boundary=x", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"note": "\\ud800"}', "application/json", 400),
    ],
)
def test_bodies_that_are_none(site: Site, body: bytes, kind: str, status: int) -> None:
    answer = site.client.post("/api/sos", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_place_by_commune_and_address(site: Site) -> None:
    ((code,),) = site.rows("SELECT code FROM layer.admin_units WHERE level = 'commune' LIMIT 1")
    nowhere = {"lon": None, "lat": None, "accuracy_m": None}
    post = a_post(**nowhere, commune_code=code, address="Thôn 3, gần cầu")
    assert site.client.post("/api/sos", json=post).status_code == 201
    ((commune, accuracy),) = site.rows(
        "SELECT commune_code, accuracy_m FROM layer.sos_requests WHERE id = %s", post["id"]
    )
    assert commune == code
    assert accuracy > 500
    missing = site.client.post("/api/sos", json=a_post(**nowhere, commune_code=code))
    assert [one["field"] for one in missing.json()["errors"]] == ["address"]
    unknown = site.client.post(
        "/api/sos", json=a_post(**nowhere, commune_code="00000", address="Thôn 3")
    )
    assert unknown.status_code == 422
    assert [one["field"] for one in unknown.json()["errors"]] == ["commune_code"]


def test_outside_of_the_province_is_taken_and_flagged(site: Site) -> None:
    answer = site.client.post("/api/sos", json=a_post(lon=109.2, lat=13.77))
    assert answer.status_code == 201
    assert answer.json()["flags"] == ["outside"]


def test_following_adding_and_cancelling(site: Site) -> None:
    posted = site.client.post("/api/sos", json=a_post()).json()
    token = {"X-Follow-Token": posted["follow"]["token"]}
    found = site.client.get("/api/sos/follow", headers=token)
    assert found.status_code == 200, found.text
    assert found.json()["code"] == posted["code"]
    assert [step["state"] for step in found.json()["steps"]] == ["new"]
    for private in ("905123456", "Người báo", "108.33"):
        assert private not in found.text
    added = site.client.post("/api/sos/follow", json={"note": "Nước đang rút"}, headers=token)
    assert added.status_code == 200
    by_body = {"token": posted["follow"]["token"], "cancel": True, "note": "Đã an toàn"}
    gone = site.client.post("/api/sos/follow", json=by_body)
    assert gone.json()["state"] == "cancelled"
    assert site.public(posted["id"])["properties"]["state"] == "cancelled"
    steps = site.rows(
        "SELECT kind, actor, to_value, note FROM private.sos_step WHERE request_id = %s"
        " ORDER BY id",
        posted["id"],
    )
    assert steps == [
        ("posted", "public", "new", None),
        ("note", "reporter", None, "Nước đang rút"),
        ("state", "reporter", "cancelled", "Đã an toàn"),
    ]
    assert site.client.get("/api/sos/follow").status_code == 401
    unknown = {"X-Follow-Token": "a" * 24}
    assert site.client.get("/api/sos/follow", headers=unknown).status_code == 404


def picture(width: int = 3000, height: int = 1000) -> bytes:
    """A JPEG that lies on its side and says where it was taken."""
    made = Image.new("RGB", (width, height), (40, 90, 160))
    exif = made.getexif()
    exif[0x0112] = 6
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    made.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_photos_are_made_anew_and_kept_once(site: Site, photo_folder: Any) -> None:
    post = {name: str(value) for name, value in a_post(needs="xuồng, thuốc").items()}
    files = [("photos", ("a.jpg", picture(), "image/jpeg")), ("photos", ("b.jpg", b"no picture"))]
    first = site.client.post("/api/sos", data=post, files=files)
    assert first.status_code == 201, first.text
    assert [one["field"] for one in first.json()["refused"]] == ["photos[1]"]
    again = site.client.post("/api/sos", data=post, files=files)
    assert (again.status_code, again.json()["photos"]) == (200, first.json()["photos"])
    (kept,) = photo_folder.rglob("*.jpg")
    with Image.open(kept) as opened:
        assert opened.size == (533, 1600)
        assert not opened.getexif()
        assert not opened.info.get("exif")
    assert b"CameraMaker" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    token = {"X-Follow-Token": first.json()["follow"]["token"]}
    many = [("photos", (f"{n}.jpg", picture(60 + n, 50))) for n in range(6)]
    more = site.client.post("/api/sos/follow", files=many, headers=token)
    assert more.status_code == 200, more.text
    assert len(more.json()["photos"]) == 5
    assert [one["field"] for one in more.json()["refused"]] == ["photos[5]"]
    # As many files as are known of, and nothing half done beside them.
    assert len([one for one in photo_folder.rglob("*") if one.is_file()]) == 6
    over = [("photos", (f"{n}.jpg", b"x")) for n in range(7)]
    assert site.client.post("/api/sos/follow", files=over, headers=token).status_code == 413


def test_beyond_the_limits_a_proof_lets_a_post_wait_for_a_moderator(strict_site: Site) -> None:
    site = strict_site
    token = site.client.get("/api/sos/form").json()["token"]
    for _ in range(2):
        assert site.client.post("/api/sos", json=a_post()).status_code == 201
    post = a_post()
    refused = site.client.post("/api/sos", json=post)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["hotline"] == "1022"
    early = site.client.post("/api/sos", json=post, headers={"X-Form-Token": token})
    assert early.status_code == 429
    site.rows("SELECT pg_sleep(3)")
    forged = site.client.post("/api/sos", json=post, headers={"X-Form-Token": token[:-2] + "AA"})
    assert forged.status_code == 429
    taken = site.client.post("/api/sos", json=post, headers={"X-Form-Token": token})
    assert (taken.status_code, taken.json()["state"]) == (202, "waiting")
    again = site.client.post("/api/sos", json=post)
    assert (again.status_code, again.json()) == (200, taken.json())
    # A proof is good for one post.
    other = site.client.post("/api/sos", json=a_post(), headers={"X-Form-Token": token})
    assert other.status_code == 429
    hidden = site.client.get(f"/ogc/collections/sos_requests/items/{post['id']}")
    assert hidden.status_code == 404
    follow = {"X-Follow-Token": taken.json()["follow"]["token"]}
    assert site.client.get("/api/sos/follow", headers=follow).json()["state"] == "waiting"


def test_links_without_a_phone_wait_for_a_moderator(site: Site) -> None:
    advert = a_post(phone=None, note="Vay nhanh tại https://vay.example")
    assert site.client.post("/api/sos", json=advert).status_code == 202
    a_map = a_post(phone=None, note="Ở đây https://maps.app.goo.gl/abc")
    assert site.client.post("/api/sos", json=a_map).status_code == 201
    reachable = a_post(note="Xem ảnh https://anh.example/1")
    assert site.client.post("/api/sos", json=reachable).status_code == 201
