"""What an issuer says of a token (RFC 7662 2.2)."""

from __future__ import annotations

from typing import Any

_MEMBERS = (
    "active",
    "scope",
    "client_id",
    "username",
    "token_type",
    "exp",
    "iat",
    "nbf",
    "sub",
    "aud",
    "iss",
    "jti",
)


class IntrospectionToken(dict[str, Any]):
    """The answer of an introspection endpoint. What it may say can be read as attributes."""

    def __getattr__(self, name: str) -> Any:
        if name in _MEMBERS:
            return self.get(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_client_id(self) -> str | None:
        """The client that it was given to."""
        return self.get("client_id")

    def get_scope(self) -> str | None:
        """What it allows."""
        return self.get("scope")

    def get_expires_in(self) -> int:
        """Its lifetime, which is not told."""
        return 0

    def get_expires_at(self) -> int:
        """When it expires, in seconds since 1970; 0 where that is not told."""
        return int(self.get("exp") or 0)


__all__ = ["IntrospectionToken"]
