"""OpenID Connect Discovery."""

from __future__ import annotations

from urllib.parse import urlsplit

from .models import OpenIDProviderMetadata


def get_well_known_url(issuer: str, external: bool = False) -> str:
    """Where the metadata of an issuer is (4.1): the path, or with `external` the address."""
    parts = urlsplit(issuer)
    path = f"{parts.path.rstrip('/')}/.well-known/openid-configuration"
    return f"{parts.scheme}://{parts.netloc}{path}" if external else path


__all__ = ["OpenIDProviderMetadata", "get_well_known_url"]
