"""Bearer tokens that the application finds."""

from __future__ import annotations

from typing import Any

from ..protector import TokenValidator
from .errors import InvalidTokenError


class BearerTokenValidator(TokenValidator):
    """Checks tokens that the application finds: whoever subclasses it says in `authenticate_token` where."""

    TOKEN_TYPE = "bearer"

    def validate_token(self, token: Any, scopes: list[str] | None, request: Any) -> None:
        """Raises unless the token is there, not expired, not revoked, and has one of the scopes."""
        if not token or token.is_expired() or token.is_revoked():
            raise InvalidTokenError(realm=self.realm, extra_attributes=self.extra_attributes)
        self.check_scopes(token.get_scope(), scopes)


__all__ = ["BearerTokenValidator"]
