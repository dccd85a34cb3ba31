"""OAuth, OpenID Connect and JOSE: clients, logins, protected APIs, on a core in Rust."""

from ._core import __version__

__all__ = ["__version__"]
