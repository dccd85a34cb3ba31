"""A client on Requests: its sessions, with tokens."""

from ..base_client.errors import OAuthError
from .session import OAuth2Auth, OAuth2Session

__all__ = ["OAuth2Auth", "OAuth2Session", "OAuthError"]
