"""Moving a project from Authlib."""

from __future__ import annotations

import os
import random
import re
import stat
import subprocess
import sys

import pytest

from authmint.migrate import advice, main, text
from authmint.migrate.catalogue import Catalogue


@pytest.fixture
def move(tmp_path, monkeypatch, capfdbinary):
    """Writes files, runs the command on their folder, and gives its code, its diff and what it says."""
    monkeypatch.chdir(tmp_path)

    class Move:
        def __call__(self, files=None, *, write=False):
            for name, content in (files or {}).items():
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, newline="")
            self.code = main(["--write", "."] if write else ["."])
            out, err = capfdbinary.readouterr()
            self.out, self.said = out.decode("utf-8", "replace"), err.decode()
            return self

        def source(self, source):
            """What becomes of a program."""
            return self.listed("app.py", source)

        def listed(self, name, content, **programs):
            """What becomes of a file."""
            self({name: content, **{f"{program}.py": text for program, text in programs.items()}}, write=True)
            return (tmp_path / name).read_bytes().decode()

    return Move()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import authlib", "import authmint"),
        ("import os, authlib.jose as x, sys", "import os, authmint.jose as x, sys"),
        ("from  authlib.jose  import jwt  # of authlib", "from  authmint.jose  import jwt  # of authlib"),
        ("from authlib import jose; jose.jwt", "from authmint import jose; jose.jwt"),
        ("from authlib.jose import (\n    jwt as j,  # authlib\n    errors,\n)", None),
        ("from \\\n  authlib . \\\n  jose import jwt", "from \\\n  authmint . \\\n  jose import jwt"),
        ("from authlib.jose.rfc7519 import JWTClaims", None),
        ("from authlib.jose.rfc7519.claims import JWTClaims", None),
        ("from authlib.integrations.requests_client.oauth2_session import OAuth2Session", None),
        (
            "from authlib.integrations.flask_oauth2.signals import token_authenticated",
            "from authmint.integrations.flask_oauth2 import token_authenticated",
        ),
        (
            "from authlib.integrations.django_oauth2.signals import token_authenticated",
            "from authmint.integrations.django_oauth2 import token_authenticated",
        ),
        ("import authlib.jose\nx = authlib.jose.jwt.encode(\n 'authlib'\n)", None),
        ("import authlib.jose\nprint(authlib.__version__, authlib . jose.errors.JoseError)", None),
        ("try:\n    import authlib\nexcept ImportError:\n    authlib = None\nx = authlib is None", None),
        ("def f():\n    from authlib.jose import jwt\n    return jwt", None),
        ("if x: import authlib.jose\nclass A:\n  y = 'é', authlib.jose.jwt; z = 'é'", None),
        ("import logging\nlogging.getLogger('authlib')", None),
        ("LOGGING = {'loggers': {'authlib': {}}}", None),
        ("from unittest import mock\n@mock.patch('authlib.jose.jwt.encode')\ndef f(): pass", None),
        ('mocker.patch.dict("authlib.jose.JsonWebKey")', None),
        ("importlib.import_module(r'''authlib.jose''')", None),
        ("pytest.importorskip('authlib' '.jose')", None),
        ("current_app.extensions['authlib.integrations.flask_client']", None),
        ("app.extensions.get('authlib.integrations.flask_client', {})", None),
        ("x = 'authlib.integrations.flask_client' in app.extensions", None),
    ],
)
def test_what_names_authlib_is_renamed(move, before, after):
    if after is None:
        after = before.replace("authlib", "authmint")
        for kept in ("# auth{}", "\n 'auth{}'\n"):
            after = after.replace(kept.format("mint"), kept.format("lib"))
    assert move.source(before) == after
    assert move.code == 0, move.said
    compile(after, "app.py", "exec")
    assert move(write=True).code == move().code == 0 and move.out == ""


@pytest.mark.parametrize(
    "source",
    [
        "'authlib.jose'\nx = 'from authlib'\n# import authlib\n",
        "from .authlib import jwt\n",
        "import authlib_injection, authlibs.jose\n",
        "import notauthlib as authlib\nauthlib.jose\n",
        "def f(authlib): return authlib.jose\n",
    ],
)
def test_what_is_not_authlib_stays(move, source):
    assert move.source(source) == source
    assert move.code == 0, move.said


@pytest.mark.parametrize(
    ("source", "place", "sentence"),
    [
        ("from authlib.jose import jwt, JWSAlgorithm", "1:31", "a primitive belongs into the core"),
        ("from authlib.jose import JsonWebSignature as S\nS.register_algorithm(x)", "2:1", "a primitive belongs into the core"),
        ("import authlib.jose as j\nj.JsonWebToken(['none'])", "2:16", "S01"),
        ("from authlib.jose import jwt\njwt.encode({'alg': 'none'}, {}, '')", "2:12", "S01"),
        ("from authlib.jose import *", "1:26", "by its names"),
        ("from authlib.jose import nothing", "1:26", "nothing of this name"),
        ("import authlib.jose\nauthlib.jose.nothing", "2:1", "nothing of this name"),
        ("from authlib import jose\njose.errors.nothing", "2:1", "nothing of this name"),
        ("from authlib.jose.errors import jwt as JWTClaims", "1:33", "it is `authmint.jose.jwt` here"),
        ("import authlib.jose.jwt as x", "1:8", "it is `authmint.jose.jwt` here"),
        ("import authlib\nauthlib.oauth2.OAuth2Error", "2:1", "write `import authlib.oauth2` above"),
        ("import authlib.jose\ndef authlib(): pass", "1:1", "something else in this file"),
        ("mock.patch('authlib.jose.nothing')", "1:12", "nothing of this name"),
        ("mock.patch('app.authlib.jose')", "1:12", "from another module"),
    ],
)
def test_what_is_not_there_stays_and_is_told(move, source, place, sentence):
    assert move.source(source) == source
    line = next(line for line in move.said.splitlines() if "by hand" in line)
    assert line.startswith(f"app.py:{place}: by hand: ") and sentence in line
    assert move.code == 1


def test_a_sentence_for_what_is_not_in_the_package_yet():
    for path in ("oauth1.Client", "integrations.requests_client.OAuth1Session", "integrations.django_oauth1"):
        assert "OAuth 1 is not in the package yet" in advice.advice(path.split("."), Catalogue())
    for path in (
        "integrations.flask_oauth2.AuthorizationServer",
        "integrations.sqla_oauth2.OAuth2ClientMixin",
        "oauth2.rfc6749.grants",
        "oauth2.rfc6750.BearerToken",
        "oauth2.rfc6750.BearerTokenGenerator",
        "oauth2.rfc7009.RevocationEndpoint",
        "oidc.core.grants.OpenIDCode",
    ):
        assert "server is not in the package yet" in advice.advice(path.split("."), Catalogue())


def test_a_sentence_for_what_is_part_of_the_apps_here():
    for path in ("sync_app.OAuth2Mixin", "sync_openid.OpenIDMixin.userinfo", "async_openid.AsyncOpenIDMixin", "OAuth2Mixin"):
        assert "name the class that you use" in advice.advice(f"integrations.base_client.{path}".split("."), Catalogue())


@pytest.mark.parametrize(
    ("earlier", "today"),
    [
        ("flask.client.OAuth", "integrations.flask_client.OAuth"),
        ("flask.client.RemoteApp", "integrations.flask_client.FlaskOAuth2App"),
        ("django.client.OAuth", "integrations.django_client.OAuth"),
        ("client.AssertionSession", "integrations.requests_client.AssertionSession"),
        ("client.errors.OAuthError", "integrations.base_client.errors.OAuthError"),
        ("specs.rfc7519.JWTClaims", "jose.rfc7519.JWTClaims"),
        ("specs.rfc6750.BearerTokenValidator", "oauth2.rfc6750.BearerTokenValidator"),
        ("specs.oidc.UserInfo", "oidc.core.UserInfo"),
        ("integrations.flask_client.FlaskRemoteApp", "integrations.flask_client.FlaskOAuth2App"),
        ("integrations.django_client.DjangoRemoteApp", "integrations.django_client.DjangoOAuth2App"),
        ("integrations.starlette_client.StarletteRemoteApp", "integrations.starlette_client.StarletteOAuth2App"),
    ],
)
def test_what_authlib_once_called_otherwise_is_told_by_its_name(earlier, today):
    said = advice.advice(earlier.split("."), Catalogue())
    assert said == f"`authlib.{earlier}`: Authlib had this before 1.0; it is `authmint.{today}` here"


def test_what_belongs_together_stays_together(move):
    source = (
        "from authlib.jose import jwt, JWSAlgorithm\n"
        "from authlib.jose.errors import ExpiredTokenError\n"
        "from authlib.common.security import generate_token\n"
        "import authlib.jose as x\n"
    )
    # An `except` with the error of the one library does not catch that of the other.
    assert move.source(source) == source.replace("authlib.common", "authmint.common")
    assert "app.py:2:1: note: stays with line 1" in move.said and "app.py:4:8: note: stays" in move.said


def test_a_shadow_is_not_what_was_imported(move):
    source = "from authlib.jose import errors\ndef f(errors):\n    return errors.nothing, [errors.no for errors in x]\n"
    assert "authmint" in move.source(source) and move.code == 0


def test_texts_wait_for_the_code(move, tmp_path):
    test = "from unittest import mock\nmock.patch('authlib.jose.jwt')\n"
    move({"app.py": "from authlib.jose import JWSAlgorithm\n", "tests/test.py": test}, write=True)
    assert move.code == 1 and "tests/test.py:2:12: by hand" in move.said
    assert (tmp_path / "tests/test.py").read_text() == test


def test_a_name_that_others_take_stays(move, tmp_path):
    move({"a.py": "import authlib.jose\n", "b.py": "from a import authlib\n"}, write=True)
    assert move.code == 1 and "b.py:1:1: by hand" in move.said
    assert (tmp_path / "a.py").read_text() == "import authlib.jose\n"


@pytest.mark.parametrize(
    "imported",
    [
        "integrations.httpx_client import AsyncOAuth2Client, OAuth2Client, AssertionClient, OAuthError",
        "integrations.flask_client import OAuth, OAuthError, token_update",
        "integrations.django_client import OAuth",
        "integrations.starlette_client import OAuth, OAuthError",
        "integrations.flask_oauth2 import ResourceProtector, current_token",
        "integrations.django_oauth2 import ResourceProtector, BearerTokenValidator",
        "integrations.starlette_client.apps import StarletteOAuth2App",
        "integrations.requests_client.oauth2_session import OAuth2Session",
        "oauth2.rfc6750 import BearerTokenValidator",
        "oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT",
        "oidc.core import CodeIDToken, UserInfo",
    ],
)
def test_what_programs_import_most_is_there(move, imported):
    assert move.source(f"from authlib.{imported}\n").startswith("from authmint.") and move.code == 0, move.said


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("jwt.decode(token, key)", "every algorithm"),
        ("jwt.decode(token, key, claims_options={'aud': {'value': 'x'}})", "S14"),
        ("jwt.encode({'alg': 'HS256'}, {}, 'short')", "at least 32 bytes"),
        ("JsonWebKey.generate_key('RSA', 1024)", "2048 bits"),
        ("OAuth2Session('id')", "S26"),
    ],
)
def test_what_is_stricter_is_noted(move, call, sentence):
    head = "from authlib.jose import jwt, JsonWebKey\nfrom authlib.integrations.requests_client import OAuth2Session\n"
    move({"app.py": head + call})
    assert sentence in move.said and "app.py:3:" in move.said
    move({"app.py": "from authlib.jose import jwt\nKEY = 'short'\njwt.encode({'alg': 'HS256'}, {}, KEY)\n"})
    assert "at least 32 bytes" in move.said and "app.py:3:" in move.said
    move({"app.py": "from authlib.jose import jwt\nALG = 'HS256'\nKEY = 'short'\njwt.encode({'alg': ALG}, {}, key=KEY)\n"})
    assert "at least 32 bytes" in move.said and "app.py:4:" in move.said
    for known in ("KEY = 'short'\nKEY = load()\n", "KEY = 'a secret that is long enough, of 32 bytes'\n", "KEY = load()\n"):
        assert (
            "bytes"
            not in move({"app.py": f"from authlib.jose import jwt\n{known}jwt.encode({{'alg': 'HS256'}}, {{}}, KEY)\n"}).said
        )
    quiet = (
        "OAuth2Session('id', code_challenge_method=None), OAuth2Session(**x), jwt.encode({'alg': 'HS256'}, {}, key),"
        "OAuth2Session('id', grant_type='client_credentials')"
    )
    assert "note" not in move({"app.py": head + quiet}).said


def test_settings_and_joserfc_are_noted(move):
    source = "import joserfc\nfrom joserfc import jwt\nAUTHLIB_OAUTH_CLIENTS = {}\nfrom authlib.jose import jwt\n"
    assert "AUTHLIB_OAUTH_CLIENTS" in move.source(source)
    assert "joserfc has another API" in move.said and "it may stay" in move.said and move.code == 0


CODE = "from authlib.integrations.requests_client import OAuth2Session\nfrom authmint.integrations.flask_client import OAuth\n"
MOVED = "authmint[flask,requests]"


POETRY = 'authmint = { version = "*", extras = ["flask", "requests"] }'


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("requirements.txt", "{Authlib}", MOVED),
        ("requirements-dev.txt", "a\n{authlib >= 1.2 , <2} ; python_version > '3'  # x\r\nb", MOVED),
        ("requirements.in", "# authlib\n{authlib[x]==1.*}\nauthlib-foo\n", MOVED),
        ("pyproject.toml", "[project]\ndependencies = ['{Authlib~=1.3}', \"b\"] # authlib", MOVED),
        ("pyproject.toml", '[project.optional-dependencies]\nx = [\n  # a\n  "{authlib}",\n]', MOVED),
        ("pyproject.toml", "[project]\nkeywords = ['authlib']\nname = 'authlib'", MOVED),
        ("pyproject.toml", '[tool.poetry.dependencies]\n{Authlib = "^1.3"}  # x', POETRY),
        ("Pipfile", '[packages]\n{authlib = "*"}', POETRY),
        ("setup.cfg", "[options]\ninstall_requires =\n    {Authlib>=1}\n    b", MOVED),
        ("setup.cfg", "[metadata]\nname = authlib", MOVED),
        ("setup.py", "setup(install_requires=['{authlib>=1}'], keywords=['authlib'])", MOVED),
    ],
)
def test_dependencies(move, name, before, after):
    expected = re.sub(r"\{.*?\}", lambda _: after, before)
    assert move.listed(name, re.sub("[{}]", "", before), app=CODE) == expected
    assert move.code == 0, move.said
    move()
    assert move.out == "" and move.code == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("requirements.txt", "authlib==1.3 --hash=sha256:00\n"),
        ("requirements.txt", "authlib==1.3 \\\n  --hash=sha256:00\n"),
        ("requirements.txt", "authlib @ git+https://example.com/authlib\n"),
        ("requirements.txt", "authlib\nauthmint\n"),
        ("pyproject.toml", "[tool.poetry.dependencies]\nauthlib = {version = '1', optional = true}\n"),
    ],
)
def test_a_requirement_that_is_more_is_for_people(move, name, content):
    assert move.listed(name, content, app=CODE) == content
    assert move.code == 1 and f"{name}:" in move.said


def test_authlib_stays_required_where_something_needs_it(move, tmp_path):
    other = "from authlib.jose import JWSAlgorithm\n"
    assert move.listed("requirements.txt", "authlib\n", app=CODE, other=other) == "authlib\n"
    assert f"requirements.txt:1:1: by hand: other.py may need Authlib still, so this stays; add `{MOVED}` beside it" in move.said
    assert "Files that move and files that stay" in move.said
    # Nobody knows what is in a file that can't be read.
    (tmp_path / "other.py").write_text("import authlib.jose\n???")
    assert move(write=True).code == 2 and (tmp_path / "requirements.txt").read_text() == "authlib\n"


def test_a_requirement_without_the_code_that_needs_it_stays(move):
    assert move.listed("requirements.txt", "authlib\n") == "authlib\n"
    assert move.code == 1 and "name the code that does" in move.said


def test_lock_files_are_to_be_made_anew(move, tmp_path):
    compiled = "# This file is autogenerated by pip-compile\nauthlib==1.3\n"
    (tmp_path / "poetry.lock").write_text('name = "authlib"\n')
    assert move.listed("requirements.txt", compiled) == compiled
    assert "make it anew: `poetry lock`" in move.said and move.code == 0


def test_fastapi_has_extras_of_its_own(move):
    code = "import fastapi\nfrom authmint.integrations.starlette_client import OAuth\n"
    assert move.listed("requirements.txt", "authlib", app=code) == "authmint[fastapi]"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.py", b"import authlib\ndef (", "is not Python"),
        ("a.py", b"import authlib\nx = " + b"(" * 5000, "is not Python"),
        ("a.py", b"import authlib\nx = " + b"-" * 50000 + b"1", "nested too deeply"),
        ("a.py", b"import authlib \0", "binary"),
        ("a.py", b"import authlib # \xff", "not text"),
        ("a.py", b"# coding: nothing\nimport authlib", "not text"),
        ("a.py", b"# coding: utf-7\nimport authlib # +AGE-", "would not stay"),
        ("a.py", b"import authlib\n" + b"#" * text.LARGEST, "larger than 4 MiB"),
        ("requirements.txt", b"authlib \xff", "not text"),
        ("pyproject.toml", b"x = 'authlib", "no TOML"),
        ("pyproject.toml", b"x = '''authlib''' " + b"[" * 500, "too deeply"),
    ],
)
def test_odd_files_are_told_and_the_others_moved(move, tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    move({"z.py": "import authlib\n"}, write=True)
    assert sentence in move.said and f"{name}: error: " in move.said and move.code == 2
    assert (tmp_path / name).read_bytes() == content and (tmp_path / "z.py").read_text() == "import authmint\n"


def test_a_module_that_is_called_authlib(move, tmp_path):
    assert move({"authlib.py": "", "app.py": "import authlib\n"}, write=True).code == 2
    assert (tmp_path / "app.py").read_text() == "import authlib\n"


@pytest.mark.skipif(sys.platform == "win32", reason="links and modes")
def test_links_modes_and_folders_of_others(move, tmp_path):
    outside = tmp_path / "outside"
    project = tmp_path / "project"
    folders = ["app", ".git", "venv/lib", "node_modules", "__pycache__", "site-packages", ".hidden"]
    for folder in [outside, *(project / name for name in folders)]:
        folder.mkdir(parents=True)
        (folder / "a.py").write_text("import authlib\n")
    (project / "venv/pyvenv.cfg").touch()
    (project / "app/loop").symlink_to(project)
    (project / "app/out").symlink_to(outside)
    (project / "app/link.py").symlink_to(outside / "a.py")
    os.mkfifo(project / "app/pipe.py")
    (project / "app/a.py").chmod(0o751)
    code = main(["--write", str(project), str(project / "app/a.py"), str(tmp_path / "none")])
    assert code == 2
    assert (project / "app/a.py").read_text() == "import authmint\n"
    assert stat.S_IMODE((project / "app/a.py").stat().st_mode) == 0o751
    assert (outside / "a.py").read_text() == "import authlib\n" and (project / "app/link.py").is_symlink()
    assert all((project / name / "a.py").read_text() == "import authlib\n" for name in folders if name != "app")
    assert sorted(path.name for path in (project / "app").iterdir()) == ["a.py", "link.py", "loop", "out", "pipe.py"]


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    with pytest.raises(text.Unreadable, match="changed meanwhile"):
        text.write(path, b"older", b"new")
    monkeypatch.setattr(os, "replace", lambda *names: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(text.Unreadable, match="No space left"):
        text.write(path, b"old", b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


LINES = [
    "from authlib.jose import jwt  # {}",
    "import authlib.jose, os",
    "x = authlib.jose.jwt, '{}', authlib.jose",
    "'''{}\nauthlib.jose'''",
    "def f(a):\t\n\treturn '{}' + authlib.jose.errors.JoseError.error",
    "y = [\n\n  '{}',  authlib . jose\n . jwt]; z = 'authlib'",
    "# authlib {}\x0c",
    "",
    "importlib.import_module('authlib.jose') # {}",
]


@pytest.mark.parametrize("seed", range(60))
def test_every_byte_outside_of_what_changes_stays(move, tmp_path, seed):
    dice = random.Random(seed)
    encoding, word, head = dice.choice(
        [
            ("utf-8", "naïve 🔑 \u2028", ""),
            ("utf-8-sig", "é", ""),
            ("latin-1", "é\x85", "# -*- coding: latin-1 -*-"),
            ("cp1251", "ключ", "# coding: cp1251"),
            ("euc-jp", "鍵", "#!/usr/bin/python\n# vim: set fileencoding=euc-jp :"),
        ]
    )
    lines = [head, "import authlib.jose", *(dice.choice(LINES).format(word) for _ in range(dice.randrange(12)))]
    ends = dice.choice([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"]])
    source = "".join(part + dice.choice(ends) for line in lines for part in line.split("\n")) + dice.choice(["", "#", " "])
    old = source.encode(encoding)
    (tmp_path / "a.py").write_bytes(old)
    assert main(["--write", str(tmp_path)]) == 0
    new = (tmp_path / "a.py").read_bytes()
    # What changes are names alone, so that the rest is the same with either of them.
    assert new.replace(b"authmint", b"authlib") == old and new != old
    compile(new, "a.py", "exec")
    kept = ("# authlib", "\nauthlib.jose'''", "'authlib'")
    assert new.count(b"authlib") == sum(line.count(part) for line in lines for part in kept)


APP = """\
import flask
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.jose.errors import JoseError

app = flask.Flask(__name__)
KEY = JsonWebKey.generate_key("EC", "P-256", is_private=True)


def session():
    return OAuth2Session("app", generate_token(), scope="openid")


@app.get("/me")
def me():
    try:
        return jwt.decode(flask.request.args["token"], KEY)
    except JoseError as error:
        return {"error": error.error}, 401
"""


def test_a_project_from_the_command_line(tmp_path):
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "requirements.txt").write_text("flask\nAuthlib==1.3.0\n")

    def run(*options):
        command = [sys.executable, "-m", "authmint.migrate", *options, "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    code, diff, said = run()
    assert code == 1 and "2 files to change, 0 to do by hand" in said
    assert diff.startswith("--- a/app.py\n+++ b/app.py\n@@ -1,8 +1,8 @@\n import flask\n-from authlib.common")
    assert "-Authlib==1.3.0\n+authmint[requests]\n" in diff
    assert (tmp_path / "app.py").read_text() == APP
    code, changed, _ = run("--write")
    assert code == 0 and changed == "changed app.py: 4 lines\nchanged requirements.txt: 1 line\n"
    moved = (tmp_path / "app.py").read_text()
    assert moved == APP.replace("authlib", "authmint")
    assert run("--write") == (0, "", "Nothing to do.\n") == run()
    # It runs, too, as far as it needs no Flask.
    names: dict[str, object] = {}
    exec(compile(moved.split("app = ")[0].replace("import flask\n", ""), "app.py", "exec"), names)
    assert names["jwt"].__class__.__module__.startswith("authmint.")


@pytest.mark.skipif(sys.platform == "win32", reason="patch")
def test_the_diff_can_be_applied(move, tmp_path):
    for name, content in {
        "a.py": "# coding: latin-1\r\nimport authlib # é\r\n".encode("latin-1"),
        "b.py": b"\n" * 20 + b"import authlib\n" * 3 + b"\n" * 9 + b"import authlib",
        "c.py": b"from authlib.\\\n  jose.rfc7519 import JWTClaims\n",
    }.items():
        (tmp_path / name).write_bytes(content)
    diff = subprocess.run([sys.executable, "-m", "authmint.migrate", "."], cwd=tmp_path, capture_output=True).stdout
    try:
        done = subprocess.run(["git", "apply", "-p1", "-"], input=diff, cwd=tmp_path, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no git")
    assert done.returncode == 0, done.stderr
    assert b"authlib" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert move().code == 0


def test_help_says_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "exit codes:\n  0 " in capsys.readouterr().out
