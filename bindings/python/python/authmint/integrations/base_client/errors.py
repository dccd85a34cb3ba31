"""Why a client did not get what it asked for."""

from __future__ import annotations

from ...common.errors import AuthmintBaseError
from ...jose.errors import WeakKeyError
from ...oauth2.errors import (
    MismatchingIssuerException,
    MismatchingStateException,
    MissingCodeException,
    MissingTokenException,
    MissingTokenTypeException,
    OAuth2Error,
)


class OAuthError(AuthmintBaseError):
    """The other side refused: its code, its sentence, and its page about it."""

    error = "oauth_error"

    def __init__(self, error: str | None = None, description: str | None = None, uri: str | None = None) -> None:
        # Those that are errors of OAuth 2, too, are made as these are.
        AuthmintBaseError.__init__(self, error, description, uri)


class MissingTokenError(OAuthError):
    """A request needs a token, and the session has none."""

    error = "missing_token"
    description = (
        "there is no token: call fetch_token(...) first, pass token=..., or name token_endpoint=... and"
        ' grant_type="client_credentials", by which it is fetched'
    )


class TokenExpiredError(OAuthError):
    """The token has expired."""

    error = "token_expired"


class InvalidTokenError(OAuthError):
    """The token has expired and can't be renewed."""

    error = "token_invalid"


class UnsupportedTokenTypeError(OAuthError):
    """The token is of a type that is not known."""

    error = "unsupported_token_type"


class MismatchingStateError(OAuthError, MismatchingStateException):
    """The answer is not the one to this session's request."""

    error = "mismatching_state"


class MismatchingIssuerError(OAuthError, MismatchingIssuerException):
    """The answer is from another issuer than the request went to."""

    error = "mismatching_issuer"


class MissingCodeError(OAuthError, MissingCodeException):
    """The answer has neither a code nor an error."""

    error = "missing_code"
    description = "the answer has neither a code nor an error (RFC 6749 4.1.2)"


class MissingAccessTokenError(OAuthError, MissingTokenException):
    """The answer has neither an access token nor an error."""

    error = "missing_token"
    description = "the answer has neither an access token nor an error (RFC 6749 4.2.2)"


class MissingTokenTypeError(OAuthError, MissingTokenTypeException):
    """The answer does not say of what type the token is."""

    error = "missing_token_type"
    description = "the answer has an access token, but no token_type (RFC 6749 4.2.2)"


def of_both(error: OAuth2Error) -> OAuthError:
    """An error of an answer by the name that programs with a client know it by; it has the other one, too."""
    kinds = {kind.__mro__[2]: kind for kind in (MismatchingStateError, MismatchingIssuerError, MissingCodeError)}
    return (
        kinds[type(error)](description=error.description) if type(error) in kinds else OAuthError(error.error, error.description)
    )


class UnusableSecretError(WeakKeyError, RuntimeError):
    """The client's secret verifies no ID token. That is for the application to mend, not for the person."""


class InvalidMetadataError(OAuthError, ValueError):
    """What the provider publishes of itself can't be right."""

    error = "invalid_metadata"
