"""Answers that end the handling of a request."""

from __future__ import annotations

from typing import Any, NoReturn

from werkzeug.exceptions import HTTPException


class _Refusal(HTTPException):
    """An answer in JSON: an application's own handler of such exceptions finds in it what it would say."""

    def __init__(self, code: int, body: str, headers: list[tuple[str, str]]) -> None:
        super().__init__()
        self.code = code
        self.body = body
        self.headers = headers

    def get_body(self, environ: Any = None, scope: Any = None) -> str:
        return self.body

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        return self.headers


def raise_http_exception(status: int, body: str, headers: list[tuple[str, str]]) -> NoReturn:
    """Answers with this, and nothing else."""
    raise _Refusal(status, body, headers)


__all__ = ["raise_http_exception"]
