"""What clients for every library share."""

from .errors import (
    InvalidTokenError,
    MismatchingStateError,
    MissingTokenError,
    OAuthError,
    TokenExpiredError,
    UnsupportedTokenTypeError,
)

__all__ = [
    "InvalidTokenError",
    "MismatchingStateError",
    "MissingTokenError",
    "OAuthError",
    "TokenExpiredError",
    "UnsupportedTokenTypeError",
]
