"""Checks JWT access tokens by the keys that the application finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ... import _core
from ...jose.claims import JWTClaims
from ...jose.errors import JoseError
from ...jose.verify import Policy, verify
from ..rfc6750.errors import InvalidTokenError
from ..rfc6750.validator import BearerTokenValidator
from ..scope import scope_to_list
from .claims import JWTAccessTokenClaims

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

    def validate_iss(self, claims: Mapping[str, Any], iss: str) -> bool:
        """Whether a token of this issuer will do."""
        return iss == self.issuer

    def authenticate_token(self, token_string: str) -> JWTAccessTokenClaims:
        """The claims of a token that is valid."""
        policy = Policy(
            _ALGORITHMS,
            typ="at+jwt",
            issuer=None,
            audience=self.resource_server,
            required=["iss", "exp", "iat", "sub", "client_id", "jti"],
        )
        try:
            claims = verify(token_string, self.get_jwks(), policy)
            token = JWTAccessTokenClaims(claims, _core.peek(token_string)[0], {"iss": {"validate": self.validate_iss}})
            token.validate()
        except JoseError as error:
            raise self._invalid_token() from error
        return token

    def validate_token(
        self,
        token: Any,
        scopes: list[str] | None,
        request: Any,
        groups: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,
        entitlements: Iterable[str] | None = None,
    ) -> None:
        """Raises unless the token has one of each (2.2.3), and is valid: a subclass may have found it without a look at its claims.
        Of those that it said nothing of itself, issuer and audience are the validator's.
        """
        if not token:
            raise self._invalid_token()
        if isinstance(token, JWTClaims):
            token.options = {
                "iss": {"essential": True, "validate": self.validate_iss},
                "aud": {"essential": True, "value": self.resource_server},
                "exp": {"essential": True},
                **token.options,
            }
            try:
                token.validate()
            except JoseError as error:
                raise self._invalid_token() from error
        self.check_scopes(token.get("scope"), scopes)
        for name, required in (("groups", groups), ("roles", roles), ("entitlements", entitlements)):
            # Of what was left blank, no value is right.
            names = [] if required is None else list(required)
            is_blank = bool(names) and not any(scope_to_list(one) for one in names)
            if is_blank or self.scope_insufficient(token.get(name), names):
                raise InvalidTokenError(f"the token has none of the {name} that are needed", realm=self.realm)

    def _invalid_token(self) -> InvalidTokenError:
        return InvalidTokenError(realm=self.realm, extra_attributes=self.extra_attributes)


__all__ = ["JWTBearerTokenValidator"]
