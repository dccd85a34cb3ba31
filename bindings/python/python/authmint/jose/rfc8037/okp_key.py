"""Keys of RFC 8037."""

from ..keys import OKPKey

__all__ = ["OKPKey"]
