"""Keys of elliptic curves."""

from ..keys import ECKey

__all__ = ["ECKey"]
