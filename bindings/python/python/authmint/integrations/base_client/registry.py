"""The providers of an application, by the names that it gives them."""

from __future__ import annotations

import functools
from typing import Any, Generic, TypeVar

from .app import OAuth2App
from .framework_integration import FrameworkIntegration

#: What settings may say of a provider.
SETTINGS = (
    "client_id",
    "client_secret",
    "access_token_url",
    "access_token_params",
    "authorize_url",
    "authorize_params",
    "api_base_url",
    "client_kwargs",
    "server_metadata_url",
)


App = TypeVar("App", bound=OAuth2App)


class BaseOAuth(Generic[App]):
    """Knows providers by names. What `register` does not say, the settings of the framework do."""

    oauth2_client_cls: Any = None
    framework_integration_cls: type[FrameworkIntegration] = FrameworkIntegration

    def __init__(self, cache: Any = None, fetch_token: Any = None, update_token: Any = None) -> None:
        self._registry: dict[str, tuple[bool, dict[str, Any]]] = {}
        self._clients: dict[str, App] = {}
        self.cache = cache
        self.fetch_token = fetch_token
        self.update_token = update_token

    def register(self, name: str, overwrite: bool = False, **kwargs: Any) -> App:
        """Names a provider: `client_id`, `client_secret`, and `server_metadata_url`, or its addresses one by one.

        With `overwrite`, settings that are there too take the place of what is said here.
        """
        self._registry[name] = (overwrite, kwargs)
        self._clients.pop(name, None)
        return self._made(name)

    def create_client(self, name: str) -> App | None:
        """The client of a provider; `None` for a name that is not registered."""
        return self._made(name) if name in self._registry else None

    def _made(self, name: str) -> App:
        if name in self._clients:
            return self._clients[name]
        overwrite, kwargs = self._registry[name]
        kwargs = self.generate_client_kwargs(name, overwrite, **kwargs)
        for part in ("request_token_url", "request_token_params"):
            if kwargs.get(part):
                raise NotImplementedError(f"{part} is of OAuth 1, which this package has no client for yet")
        client_cls = kwargs.pop("client_cls", None) or self.oauth2_client_cls
        kwargs = {**(client_cls.OAUTH_APP_CONFIG or {}), **kwargs}
        client: App = client_cls(self.framework_integration_cls(name, self.cache), name, **kwargs)
        self._clients[name] = client
        return client

    def generate_client_kwargs(self, name: str, overwrite: bool, **kwargs: Any) -> dict[str, Any]:
        """What is said of a provider here and in the settings."""
        for setting, function in (("fetch_token", self.fetch_token), ("update_token", self.update_token)):
            given = kwargs.pop(setting, None)
            if given is None and function is not None:
                given = functools.partial(function, name)
            kwargs[setting] = given
        settings = self.load_config(name, SETTINGS)
        said = {key: value for key, value in kwargs.items() if value is not None}
        return {**said, **settings} if overwrite else {**settings, **said}

    def load_config(self, name: str, params: tuple[str, ...]) -> dict[str, Any]:
        """What the settings of the framework say of a provider."""
        return self.framework_integration_cls.load_config(self, name, params)

    def __getattr__(self, name: str) -> App:
        if not name.startswith("_") and name in self._registry:
            client = self.create_client(name)
            if client is not None:
                return client
        raise AttributeError(f"No such client: no provider is registered under the name {name!r}")
