"""JWE by the names that users of Authlib know."""

from ..encryption import JsonWebEncryption

__all__ = ["JsonWebEncryption"]
