"""Taking a message of another system into the layer of alerts: once, and all of it or nothing."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa

from layers.cap.reading import CapError, Incoming
from layers.rescue.alerts import ALERTS
from spatial.sql import quote


class Taken(StrEnum):
    """What came of a message."""

    CREATED = "created"
    UPDATED = "updated"
    KNOWN = "known"


def take(connection: sa.Connection, incoming: Incoming) -> tuple[Taken, UUID]:
    """Write a message; the caller commits.

    A message that refers to earlier ones that are known becomes the alert's new state; so an
    Update or a Cancel of another system is one here.

    Args:
        connection: a connection that owns the tables.

    Raises:
        CapError: a Cancel that has nothing to cancel and no area of its own.
    """
    # Two who take the same message at once are one after the other.
    connection.execute(sa.text("LOCK TABLE private.cap_message IN SHARE ROW EXCLUSIVE MODE"))
    known = _known(connection, incoming.sender, incoming.identifier)
    if known is not None:
        return Taken.KNOWN, known
    earlier = [_known(connection, *reference) for reference in incoming.references]
    alert = next(
        (one for one in reversed(earlier) if one is not None and _is_there(connection, one)), None
    )
    if alert is None:
        if incoming.area is None:
            raise CapError("it cancels a message that is not known here, and has no area itself")
        outcome, alert = Taken.CREATED, uuid4()
        _insert(connection, alert, incoming)
    else:
        outcome = Taken.UPDATED
        _update(connection, alert, incoming)
    connection.execute(
        sa.text(
            "INSERT INTO private.cap_message (sender, identifier, alert_id, sent)"
            " VALUES (:sender, :identifier, :alert, :sent)"
        ),
        {
            "sender": incoming.sender,
            "identifier": incoming.identifier,
            "alert": alert,
            "sent": incoming.sent,
        },
    )
    return outcome, alert


def _known(connection: sa.Connection, sender: str, identifier: str) -> UUID | None:
    found: UUID | None = connection.execute(
        sa.text(
            "SELECT alert_id FROM private.cap_message"
            " WHERE sender = :sender AND identifier = :identifier"
        ),
        {"sender": sender, "identifier": identifier},
    ).scalar()
    return found


def _is_there(connection: sa.Connection, alert: UUID) -> bool:
    query = sa.text("SELECT FROM layer.alerts WHERE id = :alert")
    return connection.execute(query, {"alert": alert}).first() is not None


_AREA = "ST_Multi(ST_SetSRID(ST_GeomFromWKB(:area), 4326))"


def _insert(connection: sa.Connection, alert: UUID, incoming: Incoming) -> None:
    names = [name for name in incoming.row if name in ALERTS.by_name]
    connection.execute(
        sa.text(
            f"INSERT INTO layer.alerts (id, {', '.join(map(quote, names))}, geom)"
            f" VALUES (:id, {', '.join(f':{name}' for name in names)}, {_AREA})"
        ),
        {**incoming.row, "id": alert, "area": incoming.area},
    )


def _update(connection: sa.Connection, alert: UUID, incoming: Incoming) -> None:
    row = incoming.row or {"message": incoming.message}
    names = [name for name in row if name in ALERTS.by_name]
    values = ", ".join(f"{quote(name)} = :{name}" for name in names)
    area = "" if incoming.area is None else f", geom = {_AREA}"
    connection.execute(
        sa.text(f"UPDATE layer.alerts SET {values}{area} WHERE id = :id"),
        {**row, "id": alert, **({} if incoming.area is None else {"area": incoming.area})},
    )
