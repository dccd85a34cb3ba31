"""The base of all errors."""

from __future__ import annotations

from typing import Any

from ..consts import default_json_headers


class AuthmintBaseError(Exception):
    """An error with a registered code and a sentence that says what to do."""

    error: str | None = None
    description: str = ""
    uri: str | None = None

    def __init__(self, error: str | None = None, description: str | None = None, uri: str | None = None) -> None:
        if error is not None:
            self.error = error
        if description is not None:
            self.description = description
        if uri is not None:
            self.uri = uri
        super().__init__(f"{self.error}: {self.description}")

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self.error}">'


class AuthlibHTTPError(AuthmintBaseError):
    """An error that is answered to a request, with a status."""

    status_code = 400

    def __init__(
        self,
        error: str | None = None,
        description: str | None = None,
        uri: str | None = None,
        status_code: int | None = None,
    ) -> None:
        super().__init__(error, description, uri)
        if status_code is not None:
            self.status_code = status_code

    def get_error_description(self) -> str:
        """The sentence that says what to do."""
        return self.description

    def get_body(self) -> list[tuple[str, str]]:
        """The parameters of the error as they go to the other side."""
        pairs = [("error", self.error), ("error_description", self.get_error_description()), ("error_uri", self.uri)]
        return [(name, value) for name, value in pairs if value]

    def get_headers(self) -> list[tuple[str, str]]:
        """The headers of an answer with the error as JSON."""
        return list(default_json_headers)

    def __call__(self, uri: str | None = None) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Status, body and headers of an answer with the error; `uri` is a page about it."""
        if uri is not None:
            self.uri = uri
        return self.status_code, dict(self.get_body()), self.get_headers()


class ContinueIteration(AuthmintBaseError):
    """Says that the next one is to be tried."""


#: The name that Authlib's users know.
AuthlibBaseError = AuthmintBaseError
