"""The personal QR: a signed, expiring token (JSON Web Token, RFC 7519) that names a card alone.

It says nothing of the person. It is signed with ES256, so that a checkpoint without a network can
tell a forged or expired one by the public key (`/api/cards/keys`, RFC 7517), and only the server
knows whose it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.services import services
from layers.database import Database

_ALGORITHM = "ES256"
_KEYS: dict[str, KeySet] = {}

_MAKE_KEY = """
INSERT INTO private.card_key (kid, key)
SELECT $1, $2::jsonb WHERE NOT EXISTS (SELECT FROM private.card_key)
"""
_ALL_KEYS = "SELECT key::text AS key FROM private.card_key ORDER BY made_at DESC, kid"


class BadCard(Exception):
    """A text that is no card of this server's, or one that is over."""

    def __init__(self, *, is_over: bool) -> None:
        super().__init__("the card has expired" if is_over else "not a card of this server's")
        self.is_over = is_over


async def load_keys(database: Database) -> KeySet:
    """The keys, the one that signs first; made at the first use, read once for each process."""
    keys = _KEYS.get(database.url)
    if keys is None:
        async with database.serving() as connection:
            # Of two workers that begin at once, one makes the key.
            await connection.execute("LOCK TABLE private.card_key IN SHARE ROW EXCLUSIVE MODE")
            new = ECKey.generate_key("P-256", private=True)
            kid = new.thumbprint()[:8]
            held = orjson.dumps({**new.as_dict(private=True), "kid": kid}).decode()
            await connection.execute(_MAKE_KEY, kid, held)
            rows = await connection.fetch(_ALL_KEYS)
        found = [ECKey.import_key(orjson.loads(row["key"])) for row in rows]
        keys = _KEYS[database.url] = KeySet(list(found))
    return keys


def write_token(keys: KeySet, card: UUID, expires: datetime) -> str:
    """The text of a card's QR: about 230 characters of base64url and dots."""
    key = keys.keys[0]
    header = {"alg": _ALGORITHM, "kid": key.kid}
    claims = {"sub": card.hex, "exp": int(expires.timestamp())}
    return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])


def read_token(keys: KeySet, text: str, at: datetime | None = None) -> UUID:
    """The card that a token names.

    Args:
        at: when it was shown, for what comes late; now by default. An offline device's word is
            taken for it, at most a day back.

    Raises:
        BadCard: it is no card of this server's, or it had expired by then.
    """
    now = datetime.now(UTC)
    shown = min(max(at or now, now - timedelta(days=1)), now)
    try:
        claims = jwt.decode(text, keys, algorithms=[_ALGORITHM]).claims
        card, expires = UUID(hex=claims["sub"]), int(claims["exp"])
    except (JoseError, ValueError, KeyError, TypeError):
        raise BadCard(is_over=False) from None
    if expires < shown.timestamp():
        raise BadCard(is_over=True)
    return card


async def public_keys(request: Request) -> Response:
    """`GET /api/cards/keys`: the public keys, so that a page can tell a forged card offline."""
    keys = await load_keys(services(request).database)
    body = orjson.dumps(keys.as_dict(private=False))
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(body, headers=headers, media_type="application/jwk-set+json")


ROUTES = [Route("/api/cards/keys", public_keys)]
