"""JWT assertions (RFC 7523): of clients, of grants, and as access tokens that a key of the application verifies."""

from .assertion import client_secret_jwt_sign, private_key_jwt_sign, sign_jwt_bearer_assertion
from .auth import ClientSecretJWT, PrivateKeyJWT
from .validator import JWTBearerToken, JWTBearerTokenValidator

__all__ = [
    "ClientSecretJWT",
    "JWTBearerToken",
    "JWTBearerTokenValidator",
    "PrivateKeyJWT",
    "client_secret_jwt_sign",
    "private_key_jwt_sign",
    "sign_jwt_bearer_assertion",
]
