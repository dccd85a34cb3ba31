"""The requests that the core has sent when nothing else is said: by the standard library."""

from __future__ import annotations

import time
from http.client import HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from .. import _core

#: How long to wait for a part of an answer, and for all of it, in seconds.
TIMEOUT, DEADLINE = 10, 30
#: More than the core reads.
MOST = 1024 * 1024 + 1


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str) -> None:
        return None


_opener = build_opener(_NoRedirect)
_opener.addheaders = [("User-Agent", f"authmint/{_core.__version__}")]


def fetch(method: str, url: str, headers: list[tuple[str, str]], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Sends a request: status, headers and body of the answer. It follows no redirect, and gives up in time."""
    deadline = time.monotonic() + DEADLINE
    request = Request(url, data=body or None, method=method)
    for name, value in headers:
        request.add_header(name, value)
    try:
        answer: Any = _opener.open(request, timeout=TIMEOUT)
    except HTTPError as refused:
        answer = refused
    with answer:
        read = b""
        while len(read) < MOST and (part := answer.read1(MOST - len(read))):
            read += part
            if time.monotonic() > deadline:
                raise TimeoutError("the answer takes too long")
        return answer.status, list(answer.headers.items()), read
