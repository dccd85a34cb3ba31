"""Tokens that are judged by what the issuer says."""

from __future__ import annotations

import time
from typing import Any

from ..protector import TokenValidator
from ..rfc6750.errors import InvalidTokenError


class IntrospectTokenValidator(TokenValidator):
    """Checks tokens by what `introspect_token` says of them."""

    TOKEN_TYPE = "bearer"

    def introspect_token(self, token_string: str) -> dict[str, Any]:
        """Asks the issuer: to be written by whoever subclasses this."""
        raise NotImplementedError

    def authenticate_token(self, token_string: str) -> dict[str, Any]:
        """What the issuer says."""
        return self.introspect_token(token_string)

    def validate_token(self, token: dict[str, Any] | None, scopes: list[str] | None, request: Any) -> None:
        """Raises unless the token is active, within its time, and has one of the scopes."""
        now = time.time()
        if not token or token.get("active") is not True or not _is_within(token, now):
            raise InvalidTokenError(realm=self.realm, extra_attributes=self.extra_attributes)
        self.check_scopes(token.get("scope"), scopes)


def _is_within(token: dict[str, Any], now: float) -> bool:
    # Some servers say null, or a number as text.
    try:
        exp, nbf = (None if token.get(name) is None else float(token[name]) for name in ("exp", "nbf"))
    except (TypeError, ValueError):
        return False
    return (exp is None or exp > now) and (nbf is None or nbf <= now + 60)


__all__ = ["IntrospectTokenValidator"]
