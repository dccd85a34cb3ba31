"""What clients for every library share."""

from .app import OAuth2App
from .awaited_app import AwaitedApp
from .blocking_app import BlockingApp
from .errors import (
    InvalidTokenError,
    MismatchingStateError,
    MissingTokenError,
    OAuthError,
    TokenExpiredError,
    UnsupportedTokenTypeError,
)
from .framework_integration import FrameworkIntegration
from .registry import BaseOAuth

__all__ = [
    "AwaitedApp",
    "BaseOAuth",
    "BlockingApp",
    "FrameworkIntegration",
    "InvalidTokenError",
    "MismatchingStateError",
    "MissingTokenError",
    "OAuth2App",
    "OAuthError",
    "TokenExpiredError",
    "UnsupportedTokenTypeError",
]
