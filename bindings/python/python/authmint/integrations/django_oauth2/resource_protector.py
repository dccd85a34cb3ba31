"""What protects an API."""

from . import BearerTokenValidator, ResourceProtector, return_error_response

__all__ = ["BearerTokenValidator", "ResourceProtector", "return_error_response"]
