"""The requests that the core has sent when nothing else is said: by the standard library."""

from __future__ import annotations

from http.client import HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT = 10
#: More than the core reads.
MOST = 1024 * 1024 + 1


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str) -> None:
        return None


_opener = build_opener(_NoRedirect)


def fetch(
    method: str, url: str, headers: list[tuple[str, str]], body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Sends a request, and gives up after ten seconds without an answer: status, headers and body. It follows no redirect."""
    request = Request(url, data=body or None, method=method)
    for name, value in headers:
        request.add_header(name, value)
    try:
        answer: Any = _opener.open(request, timeout=TIMEOUT)
    except HTTPError as refused:
        answer = refused
    with answer:
        return answer.status, list(answer.headers.items()), answer.read(MOST)
