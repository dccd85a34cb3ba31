"""JWT access tokens (RFC 9068), with keys that the application finds.

`authmint.resource.ResourceServer` finds the keys by itself, and renews them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...jose.errors import JoseError
from ...jose.verify import Policy, verify
from ...resource import AccessToken
from ..rfc6750 import BearerTokenValidator
from ..rfc6750.errors import InsufficientScopeError, InvalidTokenError

#: Every signature that a server's key makes. A secret is shared, and signs no token that an API takes.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class JWTBearerTokenValidator(BearerTokenValidator):
    """Checks JWT access tokens of an issuer that are for `resource_server`. `get_jwks` says what keys it has."""

    def __init__(self, issuer: str, resource_server: str, realm: str | None = None, **extra_attributes: str) -> None:
        super().__init__(realm, **extra_attributes)
        self.issuer = issuer
        self.resource_server = resource_server

    def get_jwks(self) -> Any:
        """The issuer's keys: to be written by whoever subclasses this."""
        raise NotImplementedError

    def authenticate_token(self, token_string: str) -> AccessToken:
        """The claims of a token that is valid."""
        policy = Policy(
            _ALGORITHMS,
            typ="at+jwt",
            issuer=self.issuer,
            audience=self.resource_server,
            required=["exp", "iat", "sub", "client_id", "jti"],
        )
        try:
            return AccessToken(verify(token_string, self.get_jwks(), policy))
        except JoseError as error:
            raise InvalidTokenError(realm=self.realm, extra_attributes=self.extra_attributes) from error

    def validate_token(
        self,
        token: AccessToken,
        scopes: list[str] | None,
        request: Any,
        groups: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,
        entitlements: Iterable[str] | None = None,
    ) -> None:
        """Raises unless the token has one of each (2.2.3)."""
        self.check_scopes(token.get("scope"), scopes)
        for name, required in (("groups", groups), ("roles", roles), ("entitlements", entitlements)):
            if self.scope_insufficient(token.get(name), required):
                raise InvalidTokenError(f"the token has none of the {name} that are needed", realm=self.realm)


__all__ = ["InsufficientScopeError", "InvalidTokenError", "JWTBearerTokenValidator"]
