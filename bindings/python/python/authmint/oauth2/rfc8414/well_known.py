"""Where metadata is."""

from . import get_well_known_url

__all__ = ["get_well_known_url"]
