"""What to do where Authmint has no such name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .catalogue import Catalogue

#: Modules and names of Authlib before 1.0, with those of today.
_EARLIER = [
    (r"(flask|django)\.client\b", r"integrations.\1_client"),
    (r"client\.errors\b", "integrations.base_client.errors"),
    (r"client\b", "integrations.requests_client"),
    (r"specs\.oidc\b", "oidc.core"),
    (r"specs\.(rfc75(15|16|17|18|19))\b", r"jose.\1"),
    (r"specs\.(rfc\d+)\b", r"oauth2.\1"),
    (r"((?:.+\.)?flask_client)\.FlaskRemoteApp\b", r"\1.FlaskOAuth2App"),
    (r"((?:.+\.)?flask_client)\.RemoteApp\b", r"\1.FlaskOAuth2App"),
    (r"((?:.+\.)?django_client)\.(Django)?RemoteApp\b", r"\1.DjangoOAuth2App"),
    (r"((?:.+\.)?starlette_client)\.StarletteRemoteApp\b", r"\1.StarletteOAuth2App"),
]
_NOT_YET = "is not in the package yet; keep Authlib for it"
_CORE = "algorithms of one's own can't be registered, because a primitive belongs into the core; leave it out"

#: The first that fits a path below `authlib` speaks.
_SENTENCES = [
    (r"jose\b.*\.(register_\w+|\w*_REGISTRY|(JWS|JWE|JWEEnc|JWEZip|ECDHES)Algorithm\w*)$", _CORE),
    (r"(?i).*oauth1|.*SIGNATURE_(HMAC|RSA|PLAINTEXT|TYPE)", f"OAuth 1 {_NOT_YET}"),
    (
        r"integrations\.(sqla_oauth2|(flask|django)_oauth2\.(AuthorizationServer|\w*Endpoint|client_authenticated|token_revoked))"
        r"|oauth2\.(AuthorizationServer|ClientAuthentication|\w*Request|rfc7636\b.*)\b"
        r"|oauth2\.rfc6750\.BearerToken(Generator)?\b"
        r"|oauth2\..*\b(grants|\w+(Grant|Endpoint|Mixin|Server))\b"
        r"|oidc\.(core\.(grants|.*(Code|Grant|Endpoint))|registration|rpinitiated)",
        f"the authorization server {_NOT_YET}",
    ),
    (
        r"integrations\.base_client\..*(OAuth2|OpenID)Mixin\b",
        "its methods are those of `FlaskOAuth2App`, `DjangoOAuth2App` and `StarletteOAuth2App` here; name the class that you use",
    ),
    (r"(consts|__(author|homepage|license)__)", "the package tells its name and its version alone"),
]


def advice(path: Sequence[str], catalogue: Catalogue) -> str:
    """A sentence about a path below `authlib` that has no counterpart."""
    dotted = ".".join(path)
    for pattern, sentence in _SENTENCES:
        if re.match(pattern, dotted):
            return f"`authlib.{dotted}`: {sentence}"
    today = _today(dotted)
    if today != dotted and catalogue.missing(today.split(".")) is None:
        return f"`authlib.{dotted}`: Authlib had this before 1.0; it is `authmint.{today}` here"
    homes = catalogue.homes(f"authmint.{path[0]}", path[-1])
    if homes:
        return f"`authlib.{dotted}`: it is `{homes[0]}.{path[-1]}` here; import it from there"
    return f"`authlib.{dotted}`: there is nothing of this name in Authmint; do without it, or keep Authlib for it"


def _today(dotted: str) -> str:
    """What Authlib calls something today that it once called otherwise."""
    for pattern, name in _EARLIER:
        dotted = re.sub(f"^{pattern}", name, dotted)
    return dotted
