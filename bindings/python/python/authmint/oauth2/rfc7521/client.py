"""Service accounts."""

from ..assertion import AssertionClient

__all__ = ["AssertionClient"]
