"""OAuth 2: clients, their messages and their errors."""

from .auth import ClientAuth, ClientSecretJWT, PrivateKeyJWT, TokenAuth
from .errors import OAuth2Error
from .protector import ResourceProtector, TokenValidator
from .token import OAuth2Token

__all__ = [
    "ClientAuth",
    "ClientSecretJWT",
    "OAuth2Error",
    "OAuth2Token",
    "PrivateKeyJWT",
    "ResourceProtector",
    "TokenAuth",
    "TokenValidator",
]
