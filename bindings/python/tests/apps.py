"""One small application in each framework, with the routes of a login, and a browser for it that keeps cookies."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit


class App:
    """An application with a provider `op`, whose session is in the browser's cookie or, with `cache`, in part in a cache."""

    def __init__(self, cache: Any = None, **register: Any) -> None:
        self.register = {"client_id": "app", "client_secret": "s3cret", "client_kwargs": {"scope": "openid profile"}, **register}
        self.cache = cache
        self.browser = self.new_browser()

    def new_browser(self) -> Any:
        raise NotImplementedError

    def get(self, path: str, browser: Any = None) -> tuple[int, str, str]:
        """Status, address that is redirected to, and text."""
        raise NotImplementedError

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        raise NotImplementedError

    def begin(self, browser: Any = None, path: str = "/login") -> dict[str, str]:
        """Begins a login: the parameters of its request, and its address as `url`."""
        status, url, text = self.get(path, browser)
        assert status == 302, text
        return {"url": url, **{name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}}


class FlaskApp(App):
    def __init__(self, cache: Any = None, **register: Any) -> None:
        from flask import Flask, jsonify, request, session

        from authmint.integrations.flask_client import OAuth, OAuthError

        self.app = Flask("test")
        self.app.secret_key = "a secret of the cookies"
        super().__init__(cache, **register)
        self.oauth = OAuth(self.app, cache=cache)
        self.client = self.oauth.register("op", **self.register)
        self.oauth.register("other", **{**self.register, "client_kwargs": {}})

        @self.app.errorhandler(OAuthError)
        def refused(error: OAuthError) -> Any:
            return {"error": error.error, "description": error.description}, 400

        @self.app.route("/login")
        def login() -> Any:
            return self.client.authorize_redirect("http://localhost/callback", **request.args.to_dict())

        @self.app.route("/other")
        def other() -> Any:
            return self.oauth.other.authorize_redirect("http://localhost/callback")

        @self.app.route("/callback", methods=["GET", "POST"])
        def callback() -> Any:
            return jsonify(self.client.authorize_access_token())

        @self.app.route("/logout")
        def logout() -> Any:
            return self.client.logout_redirect("http://localhost/out", id_token_hint="hint", client_id="app")

        @self.app.route("/out")
        def out() -> Any:
            return self.client.validate_logout_response()

        @self.app.route("/session")
        def names() -> Any:
            return sorted(session)

        @self.app.route("/touch")
        def touch() -> Any:
            session["seen"] = True
            return {}

    def new_browser(self) -> Any:
        return self.app.test_client()

    def get(self, path: str, browser: Any = None) -> tuple[int, str, str]:
        answer = (browser or self.browser).get(path)
        return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        answer = self.browser.post(path, data=form)
        return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)

    def call(self, steps: Any) -> Any:
        with self.app.test_request_context():
            return steps()


class DjangoApp(App):
    def __init__(self, cache: Any = None, **register: Any) -> None:
        import django
        from django.conf import settings

        if not settings.configured:
            settings.configure(
                ROOT_URLCONF="apps",
                SECRET_KEY="a secret of the cookies, which is long",
                SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
                MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
                ALLOWED_HOSTS=["*"],
                AUTHLIB_OAUTH_CLIENTS={"set": {"client_id": "of the settings", "client_secret": "s"}},
            )
            django.setup()
        from authmint.integrations.django_client import OAuth

        super().__init__(cache, **register)
        self.oauth = OAuth(cache=cache)
        self.client = self.oauth.register("op", **self.register)
        self.oauth.register("other", **{**self.register, "client_kwargs": {}})
        _django_urls(self)

    def new_browser(self) -> Any:
        from django.test import Client

        return Client()

    def get(self, path: str, browser: Any = None) -> tuple[int, str, str]:
        answer = (browser or self.browser).get(path)
        return answer.status_code, answer.headers.get("Location", ""), answer.content.decode()

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        answer = self.browser.post(path, form)
        return answer.status_code, answer.headers.get("Location", ""), answer.content.decode()

    def call(self, steps: Any) -> Any:
        return steps()


urlpatterns: list[Any] = []


def _django_urls(app: DjangoApp) -> None:
    from django.http import HttpRequest, JsonResponse
    from django.urls import clear_url_caches, path

    from authmint.integrations.django_client import OAuthError

    def guarded(view: Any) -> Any:
        def call(request: HttpRequest) -> Any:
            try:
                made = view(request)
            except OAuthError as error:
                return JsonResponse({"error": error.error, "description": error.description}, status=400)
            return JsonResponse(made, safe=False) if isinstance(made, (dict, list)) else made

        return call

    def touch(request: HttpRequest) -> Any:
        request.session["seen"] = True
        return {}

    views = {
        "login": lambda request: app.client.authorize_redirect(request, "http://localhost/callback", **request.GET.dict()),
        "other": lambda request: app.oauth.other.authorize_redirect(request, "http://localhost/callback"),
        "callback": lambda request: app.client.authorize_access_token(request),
        "logout": lambda request: app.client.logout_redirect(
            request, "http://localhost/out", id_token_hint="hint", client_id="app"
        ),
        "out": lambda request: app.client.validate_logout_response(request),
        "session": lambda request: sorted(request.session.keys()),
        "touch": touch,
    }
    urlpatterns[:] = [path(name, guarded(view)) for name, view in views.items()]
    clear_url_caches()


class StarletteApp(App):
    def __init__(self, cache: Any = None, **register: Any) -> None:
        from starlette.applications import Starlette
        from starlette.middleware import Middleware
        from starlette.middleware.sessions import SessionMiddleware
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        from authmint.integrations.starlette_client import OAuth, OAuthError

        class Awaited:
            async def get(self, key: str) -> Any:
                await asyncio.sleep(0)
                return cache.get(key)

            async def set(self, key: str, value: str, timeout: int) -> None:
                cache.set(key, value, timeout)

            async def delete(self, key: str) -> None:
                cache.delete(key)

        self.oauth = OAuth(cache=cache and Awaited())

        async def refused(request: Any, error: OAuthError) -> Any:
            return JSONResponse({"error": error.error, "description": error.description}, 400)

        async def login(request: Any) -> Any:
            return await self.client.authorize_redirect(request, "http://localhost/callback", **request.query_params)

        async def other(request: Any) -> Any:
            return await self.oauth.other.authorize_redirect(request, "http://localhost/callback")

        async def callback(request: Any) -> Any:
            return JSONResponse(await self.client.authorize_access_token(request))

        async def logout(request: Any) -> Any:
            return await self.client.logout_redirect(request, "http://localhost/out", id_token_hint="hint", client_id="app")

        async def out(request: Any) -> Any:
            return JSONResponse(await self.client.validate_logout_response(request))

        async def names(request: Any) -> Any:
            return JSONResponse(sorted(request.session))

        async def touch(request: Any) -> Any:
            request.session["seen"] = True
            return JSONResponse({})

        routes = [Route(f"/{view.__name__}", view) for view in (login, other, logout, out, touch)]
        routes += [Route("/callback", callback, methods=["GET", "POST"]), Route("/session", names)]
        middleware = [Middleware(SessionMiddleware, secret_key="a secret of the cookies")]
        self.app = Starlette(routes=routes, middleware=middleware, exception_handlers={OAuthError: refused})
        super().__init__(cache, **register)
        self.client = self.oauth.register("op", **self.register)
        self.oauth.register("other", **{**self.register, "client_kwargs": {}})

    def new_browser(self) -> Any:
        from starlette.testclient import TestClient

        return TestClient(self.app, base_url="http://localhost", follow_redirects=False)

    def get(self, path: str, browser: Any = None) -> tuple[int, str, str]:
        answer = (browser or self.browser).get(path)
        return answer.status_code, answer.headers.get("Location", ""), answer.text

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        answer = self.browser.post(path, data=form)
        return answer.status_code, answer.headers.get("Location", ""), answer.text

    def call(self, steps: Any) -> Any:
        return asyncio.run(steps(), debug=True)


APPS = {"flask": FlaskApp, "django": DjangoApp, "starlette": StarletteApp}
