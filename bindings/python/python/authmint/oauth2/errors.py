"""Errors of OAuth 2, by the codes and the names that they have."""

from __future__ import annotations

from ..common.errors import AuthmintBaseError


class OAuth2Error(AuthmintBaseError):
    """An error of OAuth 2 (RFC 6749 4.1.2.1, 5.2)."""

    status_code = 400

    def __init__(
        self,
        description: str | None = None,
        uri: str | None = None,
        status_code: int | None = None,
        state: str | None = None,
        error: str | None = None,
    ) -> None:
        super().__init__(error, description, uri)
        self.state = state
        if status_code is not None:
            self.status_code = status_code

    def get_body(self) -> list[tuple[str, str]]:
        """The parameters of the error as they go to the other side."""
        pairs = [("error", self.error), ("error_description", self.description), ("error_uri", self.uri), ("state", self.state)]
        return [(name, value) for name, value in pairs if value]


class InvalidRequestError(OAuth2Error):
    """The request lacks a parameter, repeats one, or is malformed."""

    error = "invalid_request"


class InvalidClientError(OAuth2Error):
    """The client's authentication failed."""

    error = "invalid_client"
    status_code = 401


class InvalidGrantError(OAuth2Error):
    """The code, refresh token or assertion is not valid."""

    error = "invalid_grant"


class UnauthorizedClientError(OAuth2Error):
    """The client may not use this grant."""

    error = "unauthorized_client"


class UnsupportedGrantTypeError(OAuth2Error):
    """The server does not know this grant."""

    error = "unsupported_grant_type"


class UnsupportedResponseTypeError(OAuth2Error):
    """The server does not answer so."""

    error = "unsupported_response_type"


class InvalidScopeError(OAuth2Error):
    """The scope is unknown, malformed, or more than was granted."""

    error = "invalid_scope"


class AccessDeniedError(OAuth2Error):
    """The person or the server said no."""

    error = "access_denied"


class InsecureTransportError(OAuth2Error):
    """The address is not one of https."""

    error = "insecure_transport"
    description = "OAuth 2 MUST utilize https."


class UnsupportedTokenTypeError(OAuth2Error):
    """The token is of a type that is not known."""

    error = "unsupported_token_type"


class MissingCodeException(OAuth2Error):
    """The answer has neither a code nor an error."""

    error = "missing_code"
    description = "Missing 'code' in response."


class MissingTokenException(OAuth2Error):
    """The answer has no access token."""

    error = "missing_token"
    description = "Missing 'access_token' in response."


class MissingTokenTypeException(OAuth2Error):
    """The answer does not say of what type the token is."""

    error = "missing_token_type"
    description = "Missing 'token_type' in response."


class MismatchingStateException(OAuth2Error):
    """The answer is not the one to this session's request (RFC 6749 10.12)."""

    error = "mismatching_state"
    description = "CSRF Warning! State not equal in request and response."


class MismatchingIssuerException(OAuth2Error):
    """The answer is from another issuer than the request went to (RFC 9207)."""

    error = "mismatching_issuer"
