"""What the package says of itself."""

from __future__ import annotations

from . import _core

name = "Authmint"
version = _core.__version__
default_user_agent = f"authmint/{version}"
default_json_headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]

__all__ = ["default_json_headers", "default_user_agent", "name", "version"]
