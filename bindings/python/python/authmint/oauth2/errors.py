"""Errors of OAuth 2, by the codes and the names that they have."""

from __future__ import annotations

from collections.abc import Mapping

from ..common.errors import AuthlibHTTPError
from ..common.security import is_secure_transport


class OAuth2Error(AuthlibHTTPError):
    """An error of OAuth 2 (RFC 6749 4.1.2.1, 5.2)."""

    state: str | None = None

    def __init__(
        self,
        description: str | None = None,
        uri: str | None = None,
        status_code: int | None = None,
        state: str | None = None,
        error: str | None = None,
    ) -> None:
        super().__init__(error, description, uri, status_code)
        self.state = state

    def get_body(self) -> list[tuple[str, str]]:
        """The parameters of the error as they go to the other side, with the state of the request."""
        return [*super().get_body(), *([("state", self.state)] if self.state else [])]


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

    @classmethod
    def check(cls, uri: str) -> None:
        """Raises unless an address is one of https, or of this very machine."""
        if not is_secure_transport(uri):
            raise cls()


class ForbiddenError(OAuth2Error):
    """A request without a token that would do (RFC 6750 3). `auth_type` is the scheme that would."""

    status_code = 401

    def __init__(
        self, auth_type: str | None = None, realm: str | None = None, description: str | None = None, **attributes: str
    ) -> None:
        super().__init__(description)
        self.auth_type = auth_type
        self.realm = realm
        self.attributes = attributes

    def get_headers(self) -> list[tuple[str, str]]:
        """With the challenge."""
        if not self.auth_type:
            return super().get_headers()
        said = {"realm": self.realm, **self.attributes, "error": self.error, "error_description": self.description}
        return [*super().get_headers(), ("WWW-Authenticate", challenge(self.auth_type, said))]


class MissingAuthorizationError(ForbiddenError):
    """A request without a token."""

    error = "missing_authorization"
    description = "Missing 'Authorization' in headers."


class UnsupportedTokenTypeError(ForbiddenError):
    """The token is of a type that is not known."""

    error = "unsupported_token_type"


def challenge(scheme: str, attributes: Mapping[str, str | None]) -> str:
    """The value of a `WWW-Authenticate` header (RFC 9110 11.6.1)."""
    quoted = (f'{name}="{_plain(value)}"' for name, value in attributes.items() if value)
    return f"{scheme[:1].upper()}{scheme[1:]} {', '.join(quoted)}"


def _plain(text: str) -> str:
    # What an error may be described with (RFC 6749 5.2).
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in text)


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
