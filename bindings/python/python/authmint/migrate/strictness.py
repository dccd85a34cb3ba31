"""Calls that Authmint takes otherwise than Authlib, as far as they can be told from the source (docs/from-authlib.md)."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

_SESSIONS = {"OAuth2Session", "OAuth2Client", "AsyncOAuth2Client"}
#: The shortest secret of each algorithm, in bytes (RFC 7518 3.2).
_SECRETS = {"HS256": 32, "HS384": 48, "HS512": 64}


def strictness(path: Sequence[str], call: ast.Call, texts: Mapping[str, ast.Constant]) -> Iterator[tuple[ast.expr, str, bool]]:
    """Places in a call of something of Authlib's, what to know about each, and whether there is something to do. `texts` are
    the module's names for what is written down.
    """
    arguments = [*call.args, *(word.value for word in call.keywords)]
    words = {word.arg for word in call.keywords}
    is_for_people = _is(_argument(call, 99, "grant_type") or ast.Constant("authorization_code"), "authorization_code")
    if path[0] == "integrations" and path[-1] in _SESSIONS and not words & {"code_challenge_method", None} and is_for_people:
        yield call, "PKCE is on here: pass `state` to `fetch_token`; `code_challenge_method=None` turns it off (S26)", False
    if path[0] != "jose":
        return
    for argument in arguments:
        if _names_none(argument):
            yield argument, "there is no algorithm `none` here, and none can be registered (S01); sign the token", True
    name = path[-1]
    if tuple(path[-2:]) == ("jwt", "decode"):
        yield call, '`jwt` takes every algorithm of signatures; name yours: `JsonWebToken(["RS256"]).decode(...)`', False
        options = _argument(call, 3, "claims_options")
        audience = _member(options, "aud")
        if _member(audience, "value") or _member(audience, "values"):
            if not _is(_member(audience, "essential"), True):
                yield audience or call, "an audience that is asked for must be in the token here (S14)", False
    if name in ("encode", "serialize", "serialize_compact"):
        algorithm = _written(_member(_argument(call, 0, "header" if name != "serialize_compact" else "protected"), "alg"), texts)
        secret = _argument(call, 2, "key")
        least = _SECRETS.get(str(algorithm.value), 0) if isinstance(algorithm, ast.Constant) else 0
        known = _written(secret, texts)
        if secret is not None and isinstance(known, ast.Constant) and isinstance(known.value, (str, bytes)):
            if len(known.value if isinstance(known.value, bytes) else known.value.encode("utf-8", "replace")) < least:
                yield secret, f"a secret has at least {least} bytes here (S11, RFC 7518 3.2)", False
    if name == "generate_key":
        bits = [each for each in arguments if isinstance(each, ast.Constant) and type(each.value) is int and each.value < 2048]
        is_rsa = path[-2:-1] == ("RSAKey",) or _is(_argument(call, 0, "kty"), "RSA")
        if is_rsa and bits:
            yield bits[0], "an RSA key has 2048 bits or more here (S11)", False
    if any(isinstance(part, ast.Constant) and part.value == "RSA1_5" for each in arguments for part in ast.walk(each)):
        if name not in ("JsonWebEncryption", "JsonWebToken"):
            yield call, "RSA1_5 is there only where a list of algorithms names it: `JsonWebEncryption([...])` (S08)", False


def texts_of(tree: ast.Module) -> dict[str, ast.Constant]:
    """Names that a module gives to texts, once and for all."""
    assigned = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
    texts: dict[str, ast.Constant] = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
        if (
            isinstance(target, ast.Name)
            and isinstance(node, (ast.Assign, ast.AnnAssign))
            and isinstance(node.value, ast.Constant)
        ):
            if assigned[target.id] == 1:
                texts[target.id] = node.value
    return texts


def _names_none(argument: ast.expr) -> bool:
    if isinstance(argument, (ast.List, ast.Tuple, ast.Set)):
        return any(_is(item, "none") for item in argument.elts)
    return _is(_member(argument, "alg"), "none")


def _written(node: ast.expr | None, texts: Mapping[str, ast.Constant]) -> ast.expr | None:
    """What is written down, here or under a name of the module."""
    return texts.get(node.id) if isinstance(node, ast.Name) else node


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    if len(call.args) > place and not any(isinstance(each, ast.Starred) for each in call.args[: place + 1]):
        return call.args[place]
    return next((word.value for word in call.keywords if word.arg == name), None)


def _member(node: ast.expr | None, name: str) -> ast.expr | None:
    """The value of a member of a dict that is written down."""
    if not isinstance(node, ast.Dict):
        return None
    return next((value for key, value in zip(node.keys, node.values, strict=True) if _is(key, name)), None)


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == value
