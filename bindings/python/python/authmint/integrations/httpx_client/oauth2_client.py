"""The clients with tokens of a grant."""

from . import AsyncOAuth2Client, OAuth2Auth, OAuth2Client, OAuth2ClientAuth

__all__ = ["AsyncOAuth2Client", "OAuth2Auth", "OAuth2Client", "OAuth2ClientAuth"]
