"""Clients that authenticate by assertions (RFC 7523 2.2)."""

from ..auth import ClientSecretJWT, PrivateKeyJWT

__all__ = ["ClientSecretJWT", "PrivateKeyJWT"]
