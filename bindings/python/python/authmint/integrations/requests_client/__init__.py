"""A client on Requests: its sessions, with tokens."""

from ..base_client.errors import OAuthError
from .assertion_session import AssertionSession
from .oauth2_session import OAuth2Auth, OAuth2Session

__all__ = ["AssertionSession", "OAuth2Auth", "OAuth2Session", "OAuthError"]
