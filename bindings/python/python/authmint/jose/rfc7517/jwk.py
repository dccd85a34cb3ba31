"""Keys of any type."""

from ..keys import JsonWebKey

__all__ = ["JsonWebKey"]
