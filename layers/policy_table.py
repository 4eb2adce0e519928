"""The policy as a table for people: every layer × role × operation, from the records.

`docs/security.md` holds it; a test compares it with what PostgreSQL does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from layers.layer import Audience, Layer
from layers.policy import editors
from layers.roles import Role

READS = ("read by SQL", "read by items", "read by tile", "read by export")
WRITES = ("create", "change", "delete")
OPERATIONS = (*READS, *WRITES)


def table(layers: Iterable[Layer]) -> Iterator[tuple[str, str, str, str]]:
    """Layer, role, operation, and what is allowed: columns to read, whose rows, or `no`."""
    for layer in layers:
        for role in Role:
            columns = _columns(layer, role.audience)
            public = _columns(layer, Audience.PUBLIC)
            for operation in READS:
                # Tiles are the same for everybody.
                shown = public if operation == "read by tile" else columns
                yield layer.id, role.value, operation, shown
            for operation in WRITES:
                yield layer.id, role.value, operation, _rows(layer, role)


def _columns(layer: Layer, audience: Audience) -> str:
    return " ".join(column.name for column in layer.readable(audience))


def _rows(layer: Layer, role: Role) -> str:
    if role not in editors(layer):
        return "no"
    if role is Role.ADMIN:
        return "all"
    shared = ", or of their district" if layer.edited_by_districts else ""
    return f"as {layer.steward}{shared}"


BEGIN, END = "<!-- from the layer records -->", "<!-- end -->"


def written(page: str, layers: Iterable[Layer]) -> str:
    """A page with its table made anew, between the marks `BEGIN` and `END`."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{markdown(layers)}\n{END}{after}"


def markdown(layers: Iterable[Layer]) -> str:
    """The table of `docs/security.md`: a row for each layer and group of roles that are alike."""
    lines = [
        "| layer | roles | columns beside the public ones | position | create, change, delete |",
        "|---|---|---|---|---|",
    ]
    for layer in layers:
        alike: dict[tuple[str, ...], list[str]] = {}
        for role in Role:
            more = [c for c in layer.readable(role.audience) if c.audience is not Audience.PUBLIC]
            beyond = " ".join(f"`{c.name}`" for c in more)
            exact = layer.geometry_for(role.audience) != layer.geometry_column
            coarse = layer.public_decimals is not None and not exact
            position = f"{layer.public_decimals} decimals" if coarse else "exact"
            alike.setdefault((beyond or "none", position, _rows(layer, role)), []).append(
                role.value
            )
        for (beyond, position, rows), roles in alike.items():
            lines.append(f"| `{layer.id}` | {', '.join(roles)} | {beyond} | {position} | {rows} |")
    return "\n".join(lines)
