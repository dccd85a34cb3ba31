"""JWT."""

from ..tokens import JsonWebToken

__all__ = ["JsonWebToken"]
