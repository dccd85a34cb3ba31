"""RFC 6749 by the names that users of Authlib know."""

from .. import errors
from ..token import OAuth2Token

__all__ = ["OAuth2Token", "errors"]
