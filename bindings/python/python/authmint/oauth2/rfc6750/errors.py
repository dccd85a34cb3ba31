"""The errors of bearer tokens (RFC 6750 3.1)."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import OAuth2Error, challenge


class InvalidTokenError(OAuth2Error):
    """The token is expired, revoked, malformed, or not valid for another reason."""

    error = "invalid_token"
    description = "The access token provided is expired, revoked, malformed, or invalid for other reasons."
    status_code = 401

    def __init__(
        self,
        description: str | None = None,
        uri: str | None = None,
        status_code: int | None = None,
        state: str | None = None,
        realm: str | None = None,
        extra_attributes: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(description, uri, status_code, state)
        self.realm = realm
        self.extra_attributes = dict(extra_attributes or {})

    def get_headers(self) -> list[tuple[str, str]]:
        """With the challenge."""
        said = {"realm": self.realm, **self.extra_attributes, "error": self.error, "error_description": self.description}
        return [*super().get_headers(), ("WWW-Authenticate", challenge("Bearer", said))]


class InsufficientScopeError(OAuth2Error):
    """The token does not allow this. `scope` is what would."""

    error = "insufficient_scope"
    description = "The request requires higher privileges than provided by the access token."
    status_code = 403

    def __init__(
        self,
        description: str | None = None,
        uri: str | None = None,
        status_code: int | None = None,
        state: str | None = None,
        scope: str | None = None,
    ) -> None:
        super().__init__(description, uri, status_code, state)
        self.scope = scope

    def get_headers(self) -> list[tuple[str, str]]:
        """With the challenge."""
        said = {"error": self.error, "error_description": self.description, "scope": self.scope}
        return [*super().get_headers(), ("WWW-Authenticate", challenge("Bearer", said))]


__all__ = ["InsufficientScopeError", "InvalidTokenError"]
