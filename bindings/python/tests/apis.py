"""One small API in each framework, with the same routes, and how each is asked."""

from __future__ import annotations

import json
from typing import Any

from apps import DjangoApp, urlpatterns
from authmint.resource import ResourceServer

Got = tuple[int, Any, list[str]]


def flask_api(api: ResourceServer) -> Any:
    from flask import Flask, jsonify

    from authmint.integrations.flask_oauth2 import ResourceProtector, current_token

    app, require = Flask("api"), ResourceProtector(api)

    def add(path: str, *args: Any, **kwargs: Any) -> None:
        app.add_url_rule(
            path,
            path,
            require(*args, **kwargs)(lambda: jsonify(dict(current_token) if current_token else None)),
            methods=["GET", "POST"],
        )

    routes(add)

    @app.route("/with")
    def inner() -> Any:
        with require.acquire("read") as token:
            return jsonify(dict(token))

    def ask(path: str, headers: Any) -> Got:
        answer = app.test_client().get(path, headers=headers)
        several = answer.headers.getlist("WWW-Authenticate")
        return answer.status_code, answer.get_json(silent=True), [", ".join(several)] if several else []

    return ask


def django_api(api: ResourceServer) -> Any:
    DjangoApp()
    from django.http import JsonResponse
    from django.test import Client
    from django.urls import clear_url_caches, path

    from authmint.integrations.django_oauth2 import ResourceProtector

    require = ResourceProtector(api)
    urlpatterns.clear()
    clear_url_caches()

    def add(address: str, *args: Any, **kwargs: Any) -> None:
        view = require(*args, **kwargs)(lambda request: JsonResponse(request.oauth_token, safe=False))
        urlpatterns.append(path(address[1:], view))

    routes(add)
    urlpatterns.append(path("with", urlpatterns[1].callback))

    def ask(address: str, headers: Any) -> Got:
        answer = Client().get(address, headers=dict(headers))
        body = json.loads(answer.content) if answer.content else None
        return answer.status_code, body, [answer["WWW-Authenticate"]] if answer.has_header("WWW-Authenticate") else []

    return ask


def starlette_api(api: ResourceServer) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from authmint.integrations.starlette_oauth2 import ResourceProtector

    protect, made = ResourceProtector(api), []

    async def endpoint(request: Any) -> Any:
        return JSONResponse(request.state.token)

    def add(path: str, *args: Any, **kwargs: Any) -> None:
        made.append(Route(path, protect(*args, **kwargs)(endpoint)))

    routes(add)
    add("/with", "read")
    client = TestClient(Starlette(routes=made))

    def ask(path: str, headers: Any) -> Got:
        answer = client.get(path, headers=[(name, value.encode("latin-1")) for name, value in headers.items()])
        body = answer.json() if answer.headers["content-type"] == "application/json" else None
        return answer.status_code, body, answer.headers.get_list("WWW-Authenticate")

    return ask


def fastapi_api(api: ResourceServer) -> Any:
    from fastapi import Depends, FastAPI
    from fastapi.testclient import TestClient

    from authmint.integrations.fastapi_oauth2 import AccessToken, ResourceProtector

    app = FastAPI()
    require_scope = ResourceProtector(api).require_scope

    def add(path: str, scopes: Any = None, **kwargs: Any) -> None:
        listed = scopes.split() if isinstance(scopes, str) else []
        needed = Depends(require_scope(*listed, any_of=scopes if isinstance(scopes, list) else None, **kwargs))

        @app.get(path)
        async def endpoint(token: AccessToken = needed) -> Any:
            return token

    routes(add)
    add("/with", "read")
    client = TestClient(app)
    assert client.get("/openapi.json").json()["paths"]["/read"]["get"]["security"] == [{"OAuth2": []}]

    def ask(path: str, headers: Any) -> Got:
        answer = client.get(path, headers=[(name, value.encode("latin-1")) for name, value in headers.items()])
        return answer.status_code, answer.json(), answer.headers.get_list("WWW-Authenticate")

    return ask


def routes(add: Any) -> None:
    add("/any")
    add("/read", "read")
    add("/either", ["admin", "read"])
    add("/both", "read write")
    add("/optional", optional=True)
    add("/fresh", max_age=60)
    add("/strong", acr_values="mfa")
    add("/roles", roles="admin")


APIS = {"flask": flask_api, "django": django_api, "starlette": starlette_api, "fastapi": fastapi_api}
