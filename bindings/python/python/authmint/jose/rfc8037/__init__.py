"""Keys of RFC 8037 by the names that users of Authlib know."""

from ..keys import OKPKey

__all__ = ["OKPKey"]
