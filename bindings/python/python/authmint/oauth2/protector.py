"""Protecting an API (RFC 6749 7): which token a request carries, and what it must allow.

`authmint.resource.ResourceServer` judges the tokens of an issuer; validators, those that the application finds itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .errors import MissingAuthorizationError, UnsupportedTokenTypeError
from .scope import scope_to_list

if TYPE_CHECKING:
    from ..resource import ResourceServer


class TokenValidator:
    """What checks tokens of a type. `extra_attributes` go into challenges."""

    TOKEN_TYPE = "bearer"

    def __init__(self, realm: str | None = None, **extra_attributes: str) -> None:
        self.realm = realm
        self.extra_attributes = extra_attributes

    @staticmethod
    def scope_insufficient(token_scopes: str | Iterable[str] | None, required_scopes: Iterable[str] | None) -> bool:
        """Whether a token has none of the scopes; each of them may be several names, all of which it then must have."""
        needed = [names for scope in required_scopes or () if (names := scope_to_list(scope))]
        # An alternative that was left blank opens nothing that another one guards.
        if not needed:
            return False
        has = set(scope_to_list(token_scopes) or ()) if isinstance(token_scopes, Iterable) else set()
        return not any(has.issuperset(names) for names in needed)

    def check_scopes(self, token_scopes: str | Iterable[str] | None, required_scopes: Iterable[str] | None) -> None:
        """Raises `InsufficientScopeError` unless the token has one of the scopes."""
        from .rfc6750.errors import InsufficientScopeError

        if self.scope_insufficient(token_scopes, required_scopes):
            first = next(iter(required_scopes or ()), None)
            raise InsufficientScopeError(scope=first)

    def authenticate_token(self, token_string: str) -> Any:
        """Finds a token: to be written by whoever subclasses this."""
        raise NotImplementedError

    def validate_request(self, request: Any) -> None:
        """Raises for a request that must not be answered, whatever its token."""

    def validate_token(self, token: Any, scopes: list[str] | None, request: Any) -> None:
        """Raises unless the token allows what is asked for."""
        raise NotImplementedError


class ResourceProtector:
    """Lets requests through whose token is good. Give it a `ResourceServer`, or validators by `register_token_validator`."""

    def __init__(self, api: ResourceServer | None = None, token_validator: TokenValidator | None = None) -> None:
        self.api = api
        self._token_validators: dict[str, TokenValidator] = {}
        self._default_realm: str | None = None
        self._default_auth_type: str | None = None
        if token_validator is not None:
            self.register_token_validator(token_validator)

    def register_token_validator(self, validator: TokenValidator) -> None:
        """Adds a validator for the tokens of its type."""
        if self.api is not None:
            raise RuntimeError("the ResourceServer judges every token here: leave it out to use validators")
        if self._default_auth_type is None:
            self._default_realm = validator.realm
            self._default_auth_type = validator.TOKEN_TYPE
        self._token_validators.setdefault(validator.TOKEN_TYPE, validator)

    def get_token_validator(self, token_type: str) -> TokenValidator:
        """The validator of a type."""
        validator = self._token_validators.get(token_type.lower())
        if validator is None:
            raise UnsupportedTokenTypeError(self._default_auth_type, self._default_realm)
        return validator

    def parse_request_authorization(self, request: Any) -> tuple[TokenValidator, str]:
        """The validator of the token of a request, and the token."""
        auth = request.headers.get("Authorization")
        if not auth:
            raise MissingAuthorizationError(self._default_auth_type, self._default_realm)
        parts = auth.split(None, 1)
        if len(parts) != 2:
            raise UnsupportedTokenTypeError(self._default_auth_type, self._default_realm)
        return self.get_token_validator(parts[0]), parts[1]

    def validate_request(self, scopes: list[str] | None, request: Any, **kwargs: Any) -> Any:
        """The token of a request, if it is good and allows one of the scopes."""
        if self.api is not None:
            return self.api.authorize(request.method, request.target, request.headers, scopes, **kwargs)
        validator, token_string = self.parse_request_authorization(request)
        validator.validate_request(request)
        token = validator.authenticate_token(token_string)
        validator.validate_token(token, scopes, request, **kwargs)
        return token


class ProtectedRequest:
    """A request of a framework as validators see it."""

    def __init__(self, method: str, target: str, headers: Any, request: Any, uri: Callable[[], str]) -> None:
        self.method = method
        #: Path and query, as they came.
        self.target = target
        self.headers = headers
        #: The framework's own.
        self.request = request
        self._uri = uri

    @property
    def uri(self) -> str:
        """The address, with the host that the request names."""
        return self._uri()


def as_lists(demands: Mapping[str, Any]) -> dict[str, Any]:
    """Demands, where one name is a list of one."""
    return {name: [value] if isinstance(value, str) else value for name, value in demands.items()}
