"""Access tokens that a key verifies."""

from . import JWTBearerToken, JWTBearerTokenValidator

__all__ = ["JWTBearerToken", "JWTBearerTokenValidator"]
