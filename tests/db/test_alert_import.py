"""`dieuhanh alert import`: messages of CAP 1.2 from elsewhere, and documents that mean harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import command
from tests.people import on_database

INFO = """<info><language>vi-VN</language><category>Met</category><event>Bão</event>
<urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>
<onset>2099-10-01T07:00:00+07:00</onset><expires>2099-10-02T07:00:00+07:00</expires>
<headline>{headline}</headline>
<area><areaDesc>Ven biển</areaDesc>{shape}</area></info>
<info><category>Met</category><event>Storm</event><urgency>Expected</urgency>
<severity>Severe</severity><certainty>Likely</certainty><headline>Storm ahead</headline></info>"""
POLYGON = "<polygon>15.85,108.3 15.85,108.36 15.9,108.36 15.85,108.3</polygon>"


def a_message(
    identifier: str = "m.1",
    kind: str = "Alert",
    *,
    head: str = "",
    headline: str = "Bão số 5",
    shape: str = POLYGON,
    info: str = INFO,
    scope: str = "Public",
    sent: str = "2099-09-30T07:00:00+07:00",
) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier>
<sender>kttv@example.vn</sender><sent>{sent}</sent><status>Actual</status>
<msgType>{kind}</msgType><scope>{scope}</scope>{head}{info.format(headline=headline, shape=shape)}
</alert>"""


def take(folder: Path, url: str, document: str | bytes) -> tuple[int, str]:
    """Exit status and what was said."""
    file = folder / "message.xml"
    file.write_bytes(document if isinstance(document, bytes) else document.encode())
    done = command("alert", "import", str(file), database_url=url)
    return done.returncode, (done.stdout or done.stderr).strip()


def alerts(url: str) -> list[Any]:
    async def fetch(connection: Any) -> Any:
        return await connection.fetch(
            "SELECT id::text, headline, headline_en, event_en, message, revision, onset, expires,"
            " ST_AsText(geom, 2) AS area, ST_Area(geom::geography) AS m2 FROM layer.alerts"
        )

    found: list[Any] = on_database(url, fetch)
    return found


def test_a_message_its_update_and_its_cancellation(tmp_path: Path, empty_database_url: str) -> None:
    url = empty_database_url
    status, said = take(tmp_path, url, a_message())
    assert (status, said.partition(" ")[0]) == (0, "created"), said
    (row,) = alerts(url)
    assert (row["headline"], row["headline_en"], row["event_en"]) == (
        "Bão số 5",
        "Storm ahead",
        "Storm",
    )
    assert row["area"] == "MULTIPOLYGON(((108.3 15.85,108.36 15.85,108.36 15.9,108.3 15.85)))"
    assert row["expires"].isoformat() == "2099-10-02T00:00:00+00:00"
    assert (row["message"], row["revision"]) == ("Alert", 1)
    # The same message again is left alone.
    assert take(tmp_path, url, a_message()) == (0, f"known {row['id']}")
    refers = "<references>kttv@example.vn,{},2099-09-30T07:00:00+07:00</references>"
    circle = "<circle>15.9,108.3 10</circle>"
    update = a_message(
        "m.2", "Update", head=refers.format("m.1"), headline="Bão mạnh lên", shape=circle
    )
    assert take(tmp_path, url, update) == (0, f"updated {row['id']}")
    (row,) = alerts(url)
    assert (row["headline"], row["message"], row["revision"]) == ("Bão mạnh lên", "Update", 2)
    assert row["m2"] == pytest.approx(3.1416e8, rel=0.01)
    # A cancellation may name the last message alone, and need not say anything more.
    cancel = a_message("m.3", "Cancel", head=refers.format("m.2"), info="")
    assert take(tmp_path, url, cancel) == (0, f"updated {row['id']}")
    (row,) = alerts(url)
    assert (row["headline"], row["message"], row["revision"]) == ("Bão mạnh lên", "Cancel", 3)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + ']><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&i;</identifier></alert>'
)
FILE = (
    '<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&x;</identifier></alert>'
)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (BOMB, "this is not well-formed XML"),
        (FILE, "document type"),
        (FILE.encode("utf-16"), ""),
        ("<alert>", "well-formed"),
        (b"\xff\xfe\x00", "well-formed"),
        ("", "well-formed"),
        ("<rss/>", "root"),
        (a_message(scope="Private"), "scope"),
        (a_message(kind="Error"), "msgType"),
        (a_message("has space"), "identifier"),
        (a_message(sent="2099-09-30T07:00:00Z"), "sent"),
        (a_message(sent="2099-13-30T07:00:00+07:00"), "sent"),
        (a_message(info=""), "no info"),
        (a_message(shape=""), "no polygon"),
        (a_message(shape="<polygon>15,108 15,109 15,108</polygon>"), "polygon"),
        (a_message(shape="<polygon>15,108 16,109 15,109 16,108 15,108</polygon>"), "not valid"),
        (a_message(shape="<polygon>95,108 16,109 15,109 95,108</polygon>"), "95,108"),
        (a_message(shape="<circle>15,108 0</circle>"), "radius"),
        (a_message(shape="<circle>15,108 nan</circle>"), "radius"),
        (a_message(headline="x" * 161), "headline has 161"),
        (a_message("m.9", "Cancel", info=""), "not known"),
        (a_message(head="<references>nonsense</references>"), "references"),
        (b"<!--" + b" " * 1_100_000 + b"--><alert/>", "larger than"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, database_url: str, document: str | bytes, said: str
) -> None:
    before = alerts(database_url)
    status, text = take(tmp_path, database_url, document)
    assert status == 2, text
    assert said in text
    assert "root:" not in text
    assert len(text.splitlines()) == 1
    assert alerts(database_url) == before
