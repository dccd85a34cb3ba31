"""Answers in JSON, of whatever HTTP library."""

from __future__ import annotations

import re
from typing import Any

from .. import _core

_USER = re.compile(r"//[^/]*@")


def read_object(answer: Any) -> dict[str, Any]:
    """The JSON object of an answer, read strictly.

    Whoever mends an answer sets its `json`, as a compliance hook does, or a test; then that is what it says.
    """
    content = getattr(answer, "content", None)
    if isinstance(content, bytes) and "json" not in vars(answer):
        read: Any = _core.read_object(content)
    else:
        read = answer.json()
    if not isinstance(read, dict):
        raise ValueError("the answer is not a JSON object")
    return read


def token_answer(answer: Any) -> dict[str, Any]:
    """The JSON object of an answer of the token endpoint.

    # Errors
    The one of the HTTP library where the answer is one of an error, such as a page of a gateway; else `ValueError`, which names
    the endpoint: without its query, and a name and password in it.
    """
    try:
        return read_object(answer)
    except Exception as error:
        if answer.status_code >= 400:
            raise_for_status(answer)
        try:
            where = f" It is of {_without_secrets(str(answer.url))}."
        except Exception:
            where = ""
        raise ValueError(f"Token endpoint response is not a JSON object (HTTP {answer.status_code}).{where}") from error


def raise_for_status(answer: Any) -> None:
    """Raises the error of the HTTP library for an answer of an error, which names the address without what may be secret in it."""
    try:
        answer.raise_for_status()
    except Exception as error:
        try:
            address = str(answer.url)
        except Exception:
            raise error from None
        told = _without_secrets(address)
        error.args = tuple(part.replace(address, told) if isinstance(part, str) else part for part in error.args)
        raise


def _without_secrets(address: str) -> str:
    """An address without its query, and without a name and password in it."""
    return _USER.sub("//", address.partition("?")[0], count=1)
