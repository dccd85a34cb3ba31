"""An issuer of access tokens, on a socket of its own: what APIs are tested against."""

from __future__ import annotations

import time
from typing import Any

from authmint import _core
from authmint.jose import Key, jwt
from conftest import key_for
from server import Answer, Asked, Server

API = "https://api.example"


class Issuer(Server):
    """Publishes its metadata and keys, and says of opaque tokens what it knows."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.key: Key = Key.import_key(key_for("ES256"), {"kid": "one"})
        self.is_down = False
        self.opaque: dict[str, dict[str, Any]] = {}

    def _answer(self, asked: Asked) -> Answer:
        if self.is_down:
            return Answer({"error": "down"}, 503)
        if asked.path == "/.well-known/oauth-authorization-server":
            endpoints = {"jwks_uri": f"{self.url}/jwks", "introspection_endpoint": f"{self.url}/introspect"}
            return Answer(
                {"issuer": self.url, "token_endpoint": f"{self.url}/token", "response_types_supported": ["code"], **endpoints}
            )
        if asked.path == "/jwks":
            return Answer({"keys": [self.key.as_dict()]})
        if asked.path == "/introspect":
            known = self.opaque.get(asked.form["token"])
            return Answer({"active": True, "iss": self.url, "sub": "grace", "aud": API, **known} if known else {"active": False})
        return Answer({}, 404)

    def token(self, scope: str | None = "read", typ: str = "at+jwt", **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": API,
            "sub": "grace",
            "client_id": "app",
            "jti": "j",
            "iat": now,
            "exp": now + 60,
            "scope": scope,
        }
        said = {name: value for name, value in {**said, **claims}.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid, "typ": typ}, said, self.key, check=False).decode()

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def proof(key: Key, token: str, method: str = "GET", uri: str = f"{API}/read", nonce: str | None = None) -> str:
    return _core.dpop_proof(key._native, "ES256", method, uri, token, nonce)
