"""Answers in JSON, of whatever HTTP library."""

from __future__ import annotations

from typing import Any

from .. import _core


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
    the endpoint: without its query, which may hold a secret.
    """
    try:
        return read_object(answer)
    except Exception as error:
        if answer.status_code >= 400:
            raise_for_status(answer)
        try:
            where = f" It is of {str(answer.url).partition('?')[0]}."
        except Exception:
            where = ""
        raise ValueError(f"Token endpoint response is not a JSON object (HTTP {answer.status_code}).{where}") from error


def raise_for_status(answer: Any) -> None:
    """Raises the error of the HTTP library for an answer of an error. The query of the address may hold a secret: it is not told."""
    try:
        answer.raise_for_status()
    except Exception as error:
        try:
            query = str(answer.url).partition("?")[2]
        except Exception:
            query = ""
        if query:
            error.args = tuple(part.replace(query, "...") if isinstance(part, str) else part for part in error.args)
        raise
