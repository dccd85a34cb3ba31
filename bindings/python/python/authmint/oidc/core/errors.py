"""Errors of OpenID Connect (Core 3.1.2.6)."""

from __future__ import annotations

from ...oauth2.errors import OAuth2Error


class InteractionRequiredError(OAuth2Error):
    """The person would have to do something, and prompt=none forbids it."""

    error = "interaction_required"


class LoginRequiredError(OAuth2Error):
    """The person would have to log in, and prompt=none forbids it."""

    error = "login_required"


class AccountSelectionRequiredError(OAuth2Error):
    """The person would have to choose an account, and prompt=none forbids it."""

    error = "account_selection_required"


class ConsentRequiredError(OAuth2Error):
    """The person would have to consent, and prompt=none forbids it."""

    error = "consent_required"


class InvalidRequestURIError(OAuth2Error):
    """What is at the request_uri is no request, or can't be read."""

    error = "invalid_request_uri"


class InvalidRequestObjectError(OAuth2Error):
    """The request object is not valid."""

    error = "invalid_request_object"


class RequestNotSupportedError(OAuth2Error):
    """The provider takes no request objects."""

    error = "request_not_supported"


class RequestURINotSupportedError(OAuth2Error):
    """The provider fetches no requests."""

    error = "request_uri_not_supported"


class RegistrationNotSupportedError(OAuth2Error):
    """The provider takes no registration in a request."""

    error = "registration_not_supported"


__all__ = [
    "AccountSelectionRequiredError",
    "ConsentRequiredError",
    "InteractionRequiredError",
    "InvalidRequestObjectError",
    "InvalidRequestURIError",
    "LoginRequiredError",
    "RegistrationNotSupportedError",
    "RequestNotSupportedError",
    "RequestURINotSupportedError",
]
