"""Bearer tokens (RFC 6750): what an API that keeps its tokens itself checks."""

from .errors import InsufficientScopeError, InvalidTokenError
from .parameters import add_bearer_token
from .validator import BearerTokenValidator

__all__ = ["BearerTokenValidator", "InsufficientScopeError", "InvalidTokenError", "add_bearer_token"]
