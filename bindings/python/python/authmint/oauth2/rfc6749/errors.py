"""The errors of RFC 6749."""

from ..errors import *  # noqa: F403
