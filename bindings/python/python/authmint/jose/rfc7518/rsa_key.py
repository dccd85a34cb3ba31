"""RSA keys."""

from ..keys import RSAKey

__all__ = ["RSAKey"]
