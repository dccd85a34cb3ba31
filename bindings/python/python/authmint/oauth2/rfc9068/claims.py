"""The claims of JWT access tokens (RFC 9068 2.2)."""

from __future__ import annotations

from typing import ClassVar

from ...jose.claims import JWTClaims
from ...jose.errors import InvalidClaimError


class JWTAccessTokenClaims(JWTClaims):
    """The claims of an access token whose signature is verified."""

    REGISTERED_CLAIMS: ClassVar[list[str]] = [
        *JWTClaims.REGISTERED_CLAIMS,
        *("client_id", "auth_time", "acr", "amr", "scope", "groups", "roles", "entitlements"),
    ]

    def validate(self, now: float | None = None, leeway: float = 0) -> None:
        """Raises unless it is an access token, and its claims are what they must be."""
        typ = (self.header or {}).get("typ")
        if not isinstance(typ, str) or typ.lower() not in ("at+jwt", "application/at+jwt"):
            raise InvalidClaimError("typ", "Invalid claim 'typ': an access token says at+jwt (RFC 9068 2.1)")
        super().validate(now, leeway)
        self._time("auth_time")
        if self.get("amr") is not None and not isinstance(self["amr"], list):
            raise InvalidClaimError("amr")


__all__ = ["JWTAccessTokenClaims"]
