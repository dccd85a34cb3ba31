"""Claims of tokens."""

from ..jose.claims import BaseClaims, JWTClaims

__all__ = ["BaseClaims", "JWTClaims"]
