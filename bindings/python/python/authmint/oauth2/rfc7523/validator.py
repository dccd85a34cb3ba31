"""JWTs as access tokens that a key of the application verifies."""

from __future__ import annotations

from typing import Any

from ...jose.claims import JWTClaims
from ...jose.errors import JoseError
from ...jose.keys import AnyKey
from ...jose.tokens import jwt
from ...resource import AccessToken
from ..rfc6750 import BearerTokenValidator


class JWTBearerToken(AccessToken):
    """The claims of an access token."""

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
        return self.token_cls(claims)


__all__ = ["JWTBearerToken", "JWTBearerTokenValidator"]
