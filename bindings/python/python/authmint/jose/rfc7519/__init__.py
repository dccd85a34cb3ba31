"""JWT by the names that users of Authlib know."""

from ..claims import BaseClaims, JWTClaims
from ..tokens import JsonWebToken

__all__ = ["BaseClaims", "JWTClaims", "JsonWebToken"]
