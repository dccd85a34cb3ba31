"""JWT access tokens."""

from . import JWTBearerTokenValidator

__all__ = ["JWTBearerTokenValidator"]
