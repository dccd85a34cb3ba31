"""Keys with a public half."""

from ..keys import AsymmetricKey

__all__ = ["AsymmetricKey"]
