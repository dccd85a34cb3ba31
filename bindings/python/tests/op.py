"""An OpenID Provider that has just what a login needs. Its code is the nonce of the request; a test may change what it says."""

from __future__ import annotations

import time
from typing import Any

from authmint.jose import Key, jwt
from conftest import key_for
from server import Answer, Asked, Server


class Provider(Server):
    """Answers at the endpoints that its metadata names."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.key: Key = Key.import_key(key_for("RS256"), {"kid": "one"})
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.metadata: dict[str, Any] = {}
        self.token: dict[str, Any] = {"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt"}
        self.person: dict[str, Any] = {"sub": "grace", "name": "Grace Hopper"}
        self.signing_key: Any = None

    @property
    def discovery(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def id_token(self, nonce: str | None, /, **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.url,
            "sub": "grace",
            "aud": "app",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "name": "Grace Hopper",
        }
        said = {name: value for name, value in {**said, **self.claims, **claims}.items() if value is not None}
        return jwt.encode(self.header, said, self.signing_key or self.key).decode()

    def _answer(self, asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        if path == "/.well-known/openid-configuration":
            endpoints = {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "end_session_endpoint": f"{self.url}/logout",
                "pushed_authorization_request_endpoint": f"{self.url}/par",
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256"],
            }
            said = {**endpoints, **self.metadata}
            return Answer({name: value for name, value in said.items() if value is not None})
        if path == "/jwks":
            return Answer({"keys": [self.key.as_dict(), {"kty": "unknown"}]})
        if path == "/token":
            form = asked.form
            token = dict(self.token)
            if form.get("code", "").startswith("n-"):
                token["id_token"] = self.id_token(form["code"][2:])
            if form.get("grant_type") == "refresh_token":
                token["access_token"] = "renewed"
            return Answer(token)
        if path == "/par":
            return Answer({"request_uri": "urn:pushed", "expires_in": 60}, 201)
        if path == "/userinfo":
            return Answer(self.person)
        return Answer({"path": asked.path, "authorization": asked.headers.get("authorization")})

    def paths(self) -> list[str]:
        return [asked.path.partition("?")[0] for asked in self.asked]
