"""JWE."""

from ..encryption import JsonWebEncryption

__all__ = ["JsonWebEncryption"]
