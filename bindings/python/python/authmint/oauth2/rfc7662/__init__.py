"""Asking the issuer about a token (RFC 7662), by a function of the application.

`authmint.resource.ResourceServer(introspection=True)` asks by itself, and keeps the answers for a while.
"""

from .models import IntrospectionToken
from .token_validator import IntrospectTokenValidator

__all__ = ["IntrospectTokenValidator", "IntrospectionToken"]
