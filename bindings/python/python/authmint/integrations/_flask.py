"""Where what belongs to a request of Flask is kept."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context, request


def holder() -> Any:
    """The request; outside of one, what the application's context holds. `g` alone would not do: a context that a program pushes
    by hand is the one of all its requests.
    """
    return request._get_current_object() if has_request_context() else g  # type: ignore[attr-defined]
