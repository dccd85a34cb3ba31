"""Sets of keys."""

from ..keys import KeySet

__all__ = ["KeySet"]
