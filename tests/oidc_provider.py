"""A small OpenID Connect provider on Authlib, run by tests: it has one client and asks nobody."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "dieuhanh", "a client's secret of the tests"


@dataclass
class Provider:
    """The provider, and what a test makes it do.

    Attributes:
        subject: who signs in.
        claims: replace those of its ID tokens; None leaves one out.
        key: what it signs with; `published` is what it tells the world.
    """

    issuer: str = ""
    subject: str = "subject-1"
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: new_key("one"))
    published: list[RSAKey] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)


def new_key(name: str) -> RSAKey:
    """A key with an id."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorization code and what it was given for."""

    code: str
    redirect_uri: str
    nonce: str
    subject: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return "openid"

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Client(ClientMixin):  # type: ignore[misc]
    """The one client."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return "openid"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/sign-in/provider/back")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Request(OAuth2Request):  # type: ignore[misc]
    """A request as Authlib reads it."""

    def __init__(self, method: str, path: str, headers: Any, fields: dict[str, str]) -> None:
        # Authlib serves https only; here it is behind nothing.
        super().__init__(method, f"https://provider.test{path}", headers=headers)
        self.payload = BasicOAuth2Payload(fields)

    @property
    def args(self) -> dict[str, str]:
        return dict(self.payload.data)

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server without a web framework."""

    def query_client(self, client_id: str) -> Client | None:
        return Client() if client_id == CLIENT else None

    def save_token(self, token: Any, request: Any) -> None:
        pass

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, body, headers


def _server(provider: Provider) -> Server:
    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            provider.codes[code] = Code(
                code,
                data["redirect_uri"],
                data["nonce"],
                request.user,
                data["code_challenge"],
                data["code_challenge_method"],
            )

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> str:
            return authorization_code.subject

    class OpenID(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return any(code.nonce == nonce for code in provider.codes.values())

        def generate_user_info(self, user: str, scope: str) -> Any:
            return UserInfo(sub=user)

        def encode_id_token(self, token: Any, request: Any) -> str:
            now = int(time.time())
            claims = {
                "iss": provider.issuer,
                "aud": CLIENT,
                "iat": now,
                "exp": now + 300,
                "sub": request.user,
                "nonce": request.authorization_code.nonce,
                **provider.claims,
            }
            kept = {name: value for name, value in claims.items() if value is not None}
            header = {"alg": "RS256", "kid": provider.key.kid}
            return str(jwt.encode(header, kept, provider.key))

    server = Server()
    server.register_token_generator(
        "default",
        lambda **_: {"token_type": "Bearer", "access_token": generate_token(32), "scope": "openid"},
    )
    server.register_grant(Grant, [CodeChallenge(required=True), OpenID(require_nonce=True)])
    return server


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    server = _server(provider)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                self._answer(
                    200,
                    {
                        "issuer": provider.issuer,
                        "authorization_endpoint": f"{provider.issuer}/authorize",
                        "token_endpoint": f"{provider.issuer}/token",
                        "jwks_uri": f"{provider.issuer}/keys",
                    },
                )
            elif parts.path == "/keys":
                keys = provider.published or [provider.key]
                self._answer(200, {"keys": [key.as_dict(private=False) for key in keys]})
            elif parts.path == "/authorize":
                fields = dict(parse_qsl(parts.query))
                provider.requests.append(fields)
                request = Request("GET", self.path, self.headers, fields)
                try:
                    grant = server.get_consent_grant(request)
                    answer = server.create_authorization_response(
                        request, grant_user=provider.subject, grant=grant
                    )
                except OAuth2Error as error:
                    answer = 400, error.get_body(), []
                self._answer(*answer)
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            fields = dict(parse_qsl(self.rfile.read(length).decode()))
            request = Request("POST", self.path, self.headers, fields)
            self._answer(*server.create_token_response(request))

        def _answer(self, status: int, body: Any, headers: Any = ()) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() != "content-type":
                    self.send_header(name, value)
            text = b"" if isinstance(body, str) else json.dumps(body).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    return Handler


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that runs for the length of the block."""
    made = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(made)) as served:
        made.issuer = f"http://127.0.0.1:{served.server_address[1]}"
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            served.shutdown()
            thread.join()
