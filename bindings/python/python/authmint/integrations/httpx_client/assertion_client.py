"""The clients of service accounts."""

from . import AssertionClient, AsyncAssertionClient

__all__ = ["AssertionClient", "AsyncAssertionClient"]
