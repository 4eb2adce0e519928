"""What districts and the health department do with flags: calls that decide, as the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from layers.database import Database
from layers.desks import at_desk
from layers.roles import Caller

SEE = "dieuhanh.see_declaration_flag($1)"
CLOSE = "dieuhanh.close_declaration_flag($1, $2)"
REVOKE = "dieuhanh.revoke_declaration_cards($1)"
"""What changes one flag: `$1` is its number."""

_NOT_THIS_ROLE = (
    "Vai trò của bạn không có quyền này. / Your role may not do this: it is for officers of the"
    " health department and of districts."
)


@dataclass(frozen=True, slots=True)
class Flags:
    """Works on flags for one caller.

    Every method raises `RuleRefused` (the caller may not, there is no such flag, its state does
    not allow it), `Contended`, or what `Database.acting` raises. Answers are JSON.
    """

    database: Database
    caller: Caller

    async def listed(self, state: str, kind: str | None, district: str | None, most: int) -> str:
        """The newest flags of the caller's districts, and how many there are in each state.

        Args:
            state: `open`, `seen`, `closed`, `waiting` (the first two) or `all`.
        """
        call = "dieuhanh.declaration_flags($1, $2, $3, $4)"
        return await self._read(call, state, kind, district, most)

    async def one(self, number: int) -> str:
        """A flag with what else its person has declared."""
        async with self._acting() as connection:
            return await _text(connection, "dieuhanh.declaration_flag($1)", number)

    async def change(self, number: int, call: str, *values: Any) -> str:
        """Change a flag by one of the calls above; how it stands then."""
        async with self._acting() as connection:
            await connection.execute(f"SELECT {call}", number, *values)
            return await _text(connection, "dieuhanh.declaration_flag($1)", number)

    async def figures(self, today: date, days: int) -> str:
        """By day and by district, of the last `days` days: what was declared, what waits."""
        return await self._read("dieuhanh.declaration_figures($1, $2)", today, days)

    async def _read(self, call: str, *values: Any) -> str:
        async with self._acting(read_only=True) as connection:
            return await _text(connection, call, *values)

    def _acting(self, *, read_only: bool = False) -> Any:
        return at_desk(
            self.database,
            self.caller,
            denied=_NOT_THIS_ROLE,
            about="declarations",
            read_only=read_only,
        )


async def _text(connection: Any, call: str, *values: Any) -> str:
    found: str = await connection.fetchval(f"SELECT ({call})::text", *values)
    return found
