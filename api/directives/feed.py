"""`/api/directives.atom`: the newest directives, for other systems and for readers of feeds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.directives.files import PDF, file_address
from api.directives.listing import codes
from api.feeds import atom
from api.ogc import parameters
from api.ogc.operations import Parameter, read
from api.services import depends_on, origin, services
from layers.documents import files
from layers.documents.directives import DIRECTIVES, FIELD, KIND
from layers.documents.files import File
from layers.documents.finding import Wanted, found_sql
from layers.roles import Role

DEFAULT = 50
MOST = 500

_FEED: Mapping[str, Parameter] = parameters.indexed(
    codes("kind", KIND, "Only documents of these kinds."),
    codes("field", FIELD, "Only documents of these fields."),
    Parameter(
        "limit",
        "Documents at most, the newest first.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT},
        lambda text: min(parameters.whole(text, 1, None), MOST),
    ),
)


async def directives_feed(request: Request) -> Response:
    """`GET /api/directives.atom`: the newest, as everybody may see them, whoever asks.

    Raises:
        Problem: 400 for a parameter that breaks its rule.
    """
    values = read(request, _FEED)
    database = services(request).database
    # No state is told, so that the answer holds until a directive changes.
    depends_on(request, DIRECTIVES.id)
    wanted = Wanted(
        datetime.now(UTC),
        kinds=values.get("kind", ()),
        fields=values.get("field", ()),
        limit=values.get("limit", DEFAULT),
    )
    rows = await database.fetch(found_sql(wanted, Role.PUBLIC))
    own = await files.listed(database, [row["id"] for row in rows])
    here = origin(request)
    entries = (_entry(here, row, own.get(row["id"], [])) for row in rows)
    return atom.feed(request, "Văn bản chỉ đạo / Directives", entries)


def _entry(here: str, row: Any, own: list[File]) -> atom.Entry:
    return atom.Entry(
        id=f"{here}/ogc/collections/{DIRECTIVES.id}/items/{row['id']}",
        title=f"{row['number']} · {row['title']}",
        updated=row["updated_at"],
        published=datetime.combine(row["issued_on"], datetime.min.time(), UTC),
        summary=row["summary"] or row["title"],
        links=(
            atom.Link("alternate", f"{here}/directives#{row['id']}", "text/html"),
            *(
                atom.Link("enclosure", here + file_address(row["id"], file), PDF.type)
                for file in own
            ),
        ),
        categories=tuple(
            (f"{here}/ogc/collections/{DIRECTIVES.id}/schema#{name}", row[name])
            for name in ("kind", "field")
        ),
    )
