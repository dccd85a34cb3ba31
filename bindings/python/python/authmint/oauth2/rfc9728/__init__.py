"""Metadata of protected APIs (RFC 9728), for programs that read or write it themselves; a `ResourceServer` publishes its own."""

from .models import ProtectedResourceMetadata
from .well_known import get_well_known_url

__all__ = ["ProtectedResourceMetadata", "get_well_known_url"]
