"""Keys of JWA by the names that users of Authlib know."""

from ..keys import ECKey, OctKey, RSAKey

__all__ = ["ECKey", "OctKey", "RSAKey"]
