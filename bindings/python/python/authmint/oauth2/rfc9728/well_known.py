"""Where the metadata of an API is."""

from __future__ import annotations

from .. import rfc8414


def get_well_known_url(resource: str, external: bool = False, suffix: str = "oauth-protected-resource") -> str:
    """Where the metadata of an API is (3.1): the path, or with `external` the address."""
    return rfc8414.get_well_known_url(resource, external, suffix)


__all__ = ["get_well_known_url"]
