"""Where metadata is."""

from __future__ import annotations

from urllib.parse import urlsplit


def get_well_known_url(issuer: str, external: bool = False, suffix: str = "oauth-authorization-server") -> str:
    """Where the metadata of an issuer is (3.1): the path, or with `external` the address."""
    parts = urlsplit(issuer)
    path = f"/.well-known/{suffix}{parts.path.rstrip('/')}"
    return f"{parts.scheme}://{parts.netloc}{path}" if external else path


__all__ = ["get_well_known_url"]
