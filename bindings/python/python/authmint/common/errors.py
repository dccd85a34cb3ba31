"""The base of all errors."""

from __future__ import annotations


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


#: The name that Authlib's users know.
AuthlibBaseError = AuthmintBaseError
