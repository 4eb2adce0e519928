"""The OpenID Connect provider: its addresses and keys, and what its answers prove.

OpenID Connect Core 1.0: the authorization code flow (3.1) with PKCE (RFC 7636), and the checks of
an ID token (3.1.3.7). Only asymmetric signatures count.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import orjson

from api.settings import Settings

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
TIMEOUT = 10.0
"""Seconds that the provider gets for an answer."""
KEPT = 3600.0
"""Seconds for which its addresses and keys are not asked for again."""
LEEWAY = 60
"""Seconds that the two clocks may differ."""
MAXIMUM = 256 * 1024
"""Bytes of one of its answers."""
SCOPE = "openid"


class ProviderUnavailable(Exception):
    """The provider does not answer, or not as the standard has it."""


class NotProven(Exception):
    """What the provider sent does not prove who it is."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: what must come back, and what proves that it began here."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The provider that the settings name.

    Nothing is asked of it before somebody signs in. The libraries are loaded only then: most
    servers have no provider.
    """

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer
        self._id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._metadata: dict[str, Any] = {}
        self._keys: Any = None
        self._until = 0.0
        self._busy = asyncio.Semaphore(8)

    def _client(self, redirect_uri: str) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        return AsyncOAuth2Client(
            self._id,
            self._secret,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            # Where it is, is set; it does not send elsewhere what is secret.
            follow_redirects=False,
            trust_env=False,
        )

    async def address(self, begun: Begun, redirect_uri: str) -> str:
        """Where a browser goes to sign in.

        Raises:
            ProviderUnavailable: its addresses cannot be read.
        """
        metadata = await self._known()
        async with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        return str(url)

    async def subject(self, begun: Begun, code: str, redirect_uri: str) -> str:
        """Who signed in, by the code that the browser brought back.

        Raises:
            ProviderUnavailable: the provider does not answer.
            NotProven: it refuses the code, or its token breaks a rule.
        """
        import httpx
        from authlib.common.errors import AuthlibBaseError

        async with self._busy:
            metadata = await self._known()
            try:
                async with self._client(redirect_uri) as client:
                    token = await client.fetch_token(
                        metadata["token_endpoint"], code=code, code_verifier=begun.verifier
                    )
            except AuthlibBaseError as error:
                raise NotProven(str(error.error)) from None
            except (httpx.HTTPError, ValueError) as error:
                raise ProviderUnavailable(type(error).__name__) from None
            return await self._proven(str(token.get("id_token", "")), begun)

    async def _proven(self, token: str, begun: Begun) -> str:
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError

        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": begun.nonce},
        )
        for is_again in (False, True):
            if is_again:
                # It signs with a key that is new.
                self._until = 0.0
                await self._known()
            try:
                claims = jwt.decode(token, self._keys, algorithms=list(ALGORITHMS)).claims
                rules.validate(claims)
            except (JoseError, ValueError) as error:
                if isinstance(error, InvalidKeyIdError) and not is_again:
                    continue
                raise NotProven(type(error).__name__) from None
            break
        audience = claims["aud"]
        has_others = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if has_others else self._id) != self._id:
            raise NotProven("azp")
        subject = claims["sub"]
        if not 1 <= len(subject) <= 255 or "\x00" in subject:
            raise NotProven("sub")
        return str(subject)

    async def _known(self) -> dict[str, Any]:
        if time.monotonic() < self._until:
            return self._metadata
        import httpx
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
                base = self._issuer.rstrip("/")
                metadata = await _json(client, f"{base}/.well-known/openid-configuration")
                if metadata.get("issuer") != self._issuer:
                    raise ProviderUnavailable("its issuer is another")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not str(metadata.get(name, "")).startswith(_SCHEMES[base[:5]]):
                        raise ProviderUnavailable(f"it has no safe {name}")
                listed: Any = await _json(client, metadata["jwks_uri"])
                keys = KeySet.import_key_set(listed)
        except (httpx.HTTPError, JoseError, ValueError, KeyError) as error:
            raise ProviderUnavailable(type(error).__name__) from None
        self._metadata, self._keys, self._until = metadata, keys, time.monotonic() + KEPT
        return metadata


_SCHEMES = {"https": ("https://",), "http:": ("http://", "https://")}


async def _json(client: Any, url: str) -> dict[str, Any]:
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        body = bytearray()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MAXIMUM:
                raise ProviderUnavailable("its answer is too long")
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ProviderUnavailable("its answer is no object")
    return found
