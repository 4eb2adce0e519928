"""Numbers of people as registers keep them: digits, and digests to find a person again by."""

from __future__ import annotations

from dataclasses import dataclass

from api.keyed import hashed, load_key
from api.sos.fields import phone_number
from layers.database import Database
from layers.persons import identity_number


@dataclass(frozen=True, slots=True)
class KeyedNumbers:
    """Digests keyed with the server's secret; see `layers.registers.keeping.Numbers`."""

    key: bytes

    def phone(self, text: str) -> tuple[str, bytes] | None:
        """A telephone number's digits and digest; None for what is none."""
        digits = phone_number(text)
        return None if digits is None else (digits, hashed(self.key, "phone", digits))

    def identity(self, text: str) -> bytes | None:
        """An identity number's digest; None for what is none."""
        number = identity_number(text)
        return None if number is None else hashed(self.key, "identity", number)


async def load_numbers(database: Database) -> KeyedNumbers:
    """The numbers of a database's secret."""
    return KeyedNumbers(await load_key(database))
