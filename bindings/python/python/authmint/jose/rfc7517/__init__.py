"""Keys by the names that users of Authlib know."""

from ..keys import AsymmetricKey, JsonWebKey, Key, KeySet

__all__ = ["AsymmetricKey", "JsonWebKey", "Key", "KeySet"]
