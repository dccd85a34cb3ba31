"""The base of the errors of OAuth 2."""

from .errors import OAuth2Error

__all__ = ["OAuth2Error"]
