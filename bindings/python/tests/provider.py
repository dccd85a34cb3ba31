"""`authmint serve`, and a person with a browser that is none: it keeps cookies, follows redirects, posts the forms it is shown."""

from __future__ import annotations

import contextlib
import html
import json
import os
import random
import re
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

PROGRAM = os.environ.get("AUTHMINT_BIN")
PERSON = {"username": "grace", "password": "correct horse battery staple", "name": "Grace Hopper", "email": "grace@example.com"}
SECRET = "a-secret-of-a-client-that-is-long-enough-to-be-a-key-of-a-signature-too"
CALLBACK = "https://app.example/callback"


def toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {toml(member)}" for name, member in value.items()) + " }"
    return json.dumps(value)


def free_port() -> int:
    """A port that nobody listens on, below those that a system gives to outgoing connections: none of these takes it meanwhile."""
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


class Provider:
    """The program, in a folder and on a port of its own, with these clients and settings."""

    def __init__(self, folder: Path, clients: list[dict[str, Any]], **settings: Any) -> None:
        port = free_port()
        self.issuer = f"http://localhost:{port}"
        everything = {
            "issuer": self.issuer,
            "listen": f"127.0.0.1:{port}",
            "database": "authmint.db",
            "secret_file": "authmint.secret",
            **settings,
            "seed": {"users": [PERSON], "clients": clients},
        }
        file = folder / "authmint.toml"
        file.write_text("".join(f"{name} = {toml(value)}\n" for name, value in everything.items()))
        assert PROGRAM is not None
        self._process = subprocess.Popen(
            [PROGRAM, "serve", "--config", file], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        output, begun = "", time.monotonic()
        while "serves" not in output:
            line = self._process.stdout.readline()
            assert line and time.monotonic() - begun < 30, f"the provider does not start: {output}"
            output += line
        # It must not wait for somebody to read what it says.
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        self.metadata = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=10).json()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def log_in(self, url: str) -> str:
        """Follows an authorization request until the person is sent back: the address."""
        browser = requests.Session()
        answer = browser.get(url, allow_redirects=False, timeout=10)
        for _ in range(10):
            location = answer.headers.get("Location")
            if location:
                target = urljoin(self.issuer, location)
                if urlsplit(target).netloc != urlsplit(self.issuer).netloc:
                    return target
                answer = browser.get(target, allow_redirects=False, timeout=10)
                continue
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert action, answer.text
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
            form = {name: html.unescape(value) for name, value in hidden}
            target = urljoin(self.issuer, html.unescape(action.group(1)))
            if urlsplit(target).path == "/login":
                form.update(username=PERSON["username"], password=PERSON["password"])
            else:
                form["decision"] = "allow"
            answer = browser.post(target, data=form, allow_redirects=False, timeout=10)
        raise AssertionError("the provider leads nowhere")


def web_client(client_id: str, **more: Any) -> dict[str, Any]:
    """A client that logs people in."""
    secret = {} if more.get("token_endpoint_auth_method") in ("private_key_jwt", "none") else {"client_secret": SECRET}
    return {
        "client_id": client_id,
        **secret,
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email offline_access",
        **more,
    }
