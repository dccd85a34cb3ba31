"""What protects an API."""

from . import ResourceProtector, current_token

__all__ = ["ResourceProtector", "current_token"]
