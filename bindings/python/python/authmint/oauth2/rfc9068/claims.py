"""The claims of JWT access tokens (RFC 9068 2.2)."""

from __future__ import annotations

from typing import ClassVar

from ...jose.claims import JWTClaims
from ...jose.errors import InvalidClaimError
from ...resource import AccessToken


class JWTAccessTokenClaims(JWTClaims, AccessToken):
    """The claims of a JWT access token."""

    REGISTERED_CLAIMS: ClassVar[list[str]] = [
        *JWTClaims.REGISTERED_CLAIMS,
        "client_id",
        "auth_time",
        "acr",
        "amr",
        "scope",
        "groups",
        "roles",
        "entitlements",
    ]

    def validate(self, now: float | None = None, leeway: float = 0) -> None:
        """Raises unless all claims are what they must be, and the token says that it is an access token."""
        typ = str((self.header or {}).get("typ")).lower()
        if typ not in ("at+jwt", "application/at+jwt"):
            raise InvalidClaimError("typ", "Invalid claim 'typ': an access token says at+jwt (RFC 9068 2.1)")
        super().validate(now, leeway)
        self._time("auth_time")
        if self.get("acr") is not None and not isinstance(self["acr"], str):
            raise InvalidClaimError("acr")
        amr = [] if self.get("amr") is None else self["amr"]
        if not isinstance(amr, list) or not all(isinstance(method, str) for method in amr):
            raise InvalidClaimError("amr")

    def validate_iat(self, now: float, leeway: float) -> None:
        """`iat` lies no further ahead than a clock may be (as `Policy` has it)."""
        super().validate_iat(now, max(leeway, 300))


__all__ = ["JWTAccessTokenClaims"]
