"""RFC 6749 by the names that users of Authlib know."""

from .. import errors
from ..errors import (
    AccessDeniedError,
    ForbiddenError,
    InsecureTransportError,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    MismatchingStateException,
    MissingAuthorizationError,
    MissingCodeException,
    MissingTokenException,
    MissingTokenTypeException,
    OAuth2Error,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
    UnsupportedResponseTypeError,
    UnsupportedTokenTypeError,
)
from ..protector import ResourceProtector, TokenValidator
from ..token import OAuth2Token
from .util import list_to_scope, scope_to_list

__all__ = [
    "AccessDeniedError",
    "ForbiddenError",
    "InsecureTransportError",
    "MismatchingStateException",
    "MissingCodeException",
    "MissingTokenException",
    "MissingTokenTypeException",
    "InvalidClientError",
    "InvalidGrantError",
    "InvalidRequestError",
    "InvalidScopeError",
    "MissingAuthorizationError",
    "OAuth2Error",
    "OAuth2Token",
    "ResourceProtector",
    "TokenValidator",
    "UnauthorizedClientError",
    "UnsupportedGrantTypeError",
    "UnsupportedResponseTypeError",
    "UnsupportedTokenTypeError",
    "errors",
    "list_to_scope",
    "scope_to_list",
]
