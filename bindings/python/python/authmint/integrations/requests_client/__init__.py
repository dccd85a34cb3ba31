"""A client on Requests: its sessions, with tokens."""

from ..base_client.errors import OAuthError
from .assertion import AssertionSession
from .session import OAuth2Auth, OAuth2Session

__all__ = ["AssertionSession", "OAuth2Auth", "OAuth2Session", "OAuthError"]
