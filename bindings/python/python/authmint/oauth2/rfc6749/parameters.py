"""The parameters of requests and answers (RFC 6749 4.1, 4.2), for programs that send and read them themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ... import _core
from ..auth import add_to_body
from ..client import pairs_of
from ..errors import MismatchingStateException, MissingCodeException, MissingTokenException, MissingTokenTypeException
from ..scope import list_to_scope


def prepare_grant_uri(
    uri: str,
    client_id: str,
    response_type: str,
    redirect_uri: str | None = None,
    scope: str | Iterable[str] | None = None,
    state: str | None = None,
    **kwargs: Any,
) -> str:
    """The address of an authorization request."""
    asked = {"response_type": response_type, "client_id": client_id, "redirect_uri": redirect_uri}
    return _core.add_params(uri, pairs_of({**asked, "scope": list_to_scope(scope), "state": state, **kwargs}))


def prepare_token_request(grant_type: str, body: str = "", redirect_uri: str | None = None, **kwargs: Any) -> str:
    """The body of a token request."""
    if grant_type == "authorization_code" and not kwargs.get("code"):
        raise MissingCodeException()
    asked = {"grant_type": grant_type, "redirect_uri": redirect_uri or None, **kwargs}
    asked["scope"] = list_to_scope(kwargs.get("scope"))
    return add_to_body(body, pairs_of({name: value or None for name, value in asked.items()}))


def parse_authorization_code_response(uri: str, state: str | None = None) -> dict[str, str]:
    """The parameters of an answer with a code, to the request with this state."""
    answer = dict(_core.read_callback(uri, state))
    if "code" not in answer:
        raise MissingCodeException(f"Missing 'code' in response, which is the error {answer.get('error')}.")
    return answer


def parse_implicit_response(uri: str, state: str | None = None) -> dict[str, str]:
    """The parameters of an answer with a token in the fragment, to the request with this state."""
    answer = dict(parse_qsl(urlsplit(uri).fragment, keep_blank_values=True))
    if "access_token" not in answer:
        raise MissingTokenException()
    if "token_type" not in answer:
        raise MissingTokenTypeException()
    if state and not _core.constant_time_eq(answer.get("state", ""), state):
        raise MismatchingStateException()
    return answer
