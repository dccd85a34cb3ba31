"""What an issuer says of a token (RFC 7662 2.2)."""

from __future__ import annotations

from typing import Any

_REGISTERED = ("active", "scope", "client_id", "username", "token_type", "exp", "iat", "nbf", "sub", "aud", "iss", "jti")


class IntrospectionToken(dict[str, Any]):
    """An answer of introspection, whose registered members can be read as attributes."""

    def __getattr__(self, name: str) -> Any:
        if name in _REGISTERED:
            return self.get(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_client_id(self) -> str | None:
        """The client that it was issued to."""
        return self.get("client_id")

    def get_scope(self) -> str | None:
        """What it allows."""
        return self.get("scope")

    def get_expires_in(self) -> int:
        """Nothing: an answer tells when a token expires, and not its lifetime."""
        return 0

    def get_expires_at(self) -> int:
        """When it expires, in seconds since 1970; 0 where that is not said."""
        return int(self.get("exp") or 0)


__all__ = ["IntrospectionToken"]
