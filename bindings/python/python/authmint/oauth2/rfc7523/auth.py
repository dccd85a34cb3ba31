"""Clients that authenticate by assertions."""

from ..auth import ASSERTION_TYPE, ClientSecretJWT, PrivateKeyJWT

__all__ = ["ASSERTION_TYPE", "ClientSecretJWT", "PrivateKeyJWT"]
