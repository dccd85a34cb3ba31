"""Claims."""

from ..claims import BaseClaims, JWTClaims

__all__ = ["BaseClaims", "JWTClaims"]
