"""JWT access tokens (RFC 9068), with keys that the application finds.

`authmint.resource.ResourceServer` finds the keys by itself, and renews them.
"""

from ..rfc6750.errors import InsufficientScopeError, InvalidTokenError
from .claims import JWTAccessTokenClaims
from .token_validator import JWTBearerTokenValidator

__all__ = ["InsufficientScopeError", "InvalidTokenError", "JWTAccessTokenClaims", "JWTBearerTokenValidator"]
