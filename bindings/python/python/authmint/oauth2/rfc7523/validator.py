"""JWTs as access tokens that a key of the application verifies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...jose.claims import JWTClaims
from ...jose.errors import JoseError
from ...jose.keys import AnyKey
from ...jose.tokens import jwt
from ...resource import AccessToken
from ..rfc6750 import BearerTokenValidator


class JWTBearerToken(JWTClaims, AccessToken):
    """The claims of an access token."""

    def __init__(
        self,
        payload: Mapping[str, Any],
        header: Mapping[str, Any] | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(payload, header, options, params)

    def check_client(self, client: Any) -> bool:
        """Whether it was given to this client."""
        return bool(self.get("client_id") == client.get_client_id())


class JWTBearerTokenValidator(BearerTokenValidator):
    """Checks JWTs that a key verifies: those of a server that says `exp`, `client_id` and `grant_type` in each."""

    token_cls = JWTBearerToken

    def __init__(
        self,
        public_key: AnyKey,
        issuer: str | None = None,
        realm: str | None = None,
        leeway: int = 60,
        **extra_attributes: str,
    ) -> None:
        super().__init__(realm, **extra_attributes)
        self.public_key = public_key
        self.leeway = leeway
        self.claims_options: dict[str, dict[str, Any]] = {
            name: {"essential": True} for name in ("exp", "client_id", "grant_type")
        }
        if issuer:
            self.claims_options["iss"] = {"essential": True, "value": issuer}

    def authenticate_token(self, token_string: str) -> JWTBearerToken | None:
        """The claims of a token that is valid; `None` of any other."""
        try:
            claims: JWTClaims = jwt.decode(token_string, self.public_key, claims_options=self.claims_options)
            claims.validate(leeway=self.leeway)
        except JoseError:
            return None
        token = self.token_cls(claims)
        if isinstance(token, JWTClaims):
            token.header = claims.header
        return token


__all__ = ["JWTBearerToken", "JWTBearerTokenValidator"]
