"""The base of all keys."""

from ..keys import Key

__all__ = ["Key"]
