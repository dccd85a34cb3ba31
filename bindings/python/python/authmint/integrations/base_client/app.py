"""Log in with …: what a login asks of a provider, in which steps, and what is made of the answer.

`blocking_app` and `awaited_app` run the steps.
"""

from __future__ import annotations

from typing import Any

from ... import _core
from ...common.security import generate_token
from ...oauth2.errors import OAuth2Error
from ...oauth2.scope import scope_to_list
from ...oauth2.steps import Steps
from ...oauth2.token import OAuth2Token
from .errors import MismatchingStateError, MissingCodeError, OAuthError, of_both
from .framework_integration import Session
from .openid import OpenIDProvider

#: By this the state of a logout is known, which is none of a login.
_LOGOUT = "post_logout_redirect_uri"


class OAuth2App(OpenIDProvider):
    """A provider that people log in with."""

    # What a program may make its own is called by its name; the libraries know how to wait for it.
    def fetch_access_token(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches a token: for a `code`, or by another grant."""
        raise NotImplementedError

    def parse_id_token(self, *args: Any, **kwargs: Any) -> Any:
        """Verifies the ID token of a token response; `None` where there is none."""
        raise NotImplementedError

    def create_logout_url(self, *args: Any, **kwargs: Any) -> Any:
        """Where to send the person to log out at the provider (`url`), and the `state` of their return."""
        raise NotImplementedError

    def _authorizing(self, redirect_uri: str | None, kwargs: dict[str, Any]) -> Steps[dict[str, Any]]:
        """Where to send the person, and what to remember until they are back."""
        metadata = yield self.load_server_metadata()
        endpoint = self.authorize_url or metadata.get("authorization_endpoint")
        if not endpoint:
            raise RuntimeError('Missing "authorize_url" value: say server_metadata_url=..., or authorize_url=...')
        if not self.client_id:
            raise RuntimeError(f"Missing client_id of {self.name!r}: neither register() nor the settings say one")
        kwargs = {**kwargs, **self.authorize_params}

        def steps(client: Any) -> Steps[dict[str, Any]]:
            client.redirect_uri = redirect_uri
            kept: dict[str, Any] = {}
            if "openid" in (scope_to_list(kwargs.get("scope") or client.scope) or []):
                kwargs["nonce"] = kept["nonce"] = kwargs.get("nonce") or generate_token(20)
                if kwargs.get("max_age") is not None:
                    kept["max_age"] = int(kwargs["max_age"])
            state, verifier = kwargs.pop("state", None), kwargs.pop("code_verifier", None)
            if verifier is None and client.code_challenge_method and not kwargs.get("code_challenge"):
                verifier = generate_token(48)
            if client.par and hasattr(client, "push_authorization_request"):
                url, state = yield client.push_authorization_request(endpoint, state, verifier, **kwargs)
            else:
                url, state = client.create_authorization_url(endpoint, state, verifier, **kwargs)
            if client.code_verifier:
                kept["code_verifier"] = client.code_verifier
            return {**kept, "url": url, "state": state}

        return (yield from self._using(self._get_oauth_client(**metadata), steps))  # type: ignore[no-any-return]

    def _saving(self, session: Session | None, data: dict[str, Any]) -> Steps[None]:
        """Remembers with the browser what a login was begun with."""
        state = data.pop("state", None)
        if not state:
            raise RuntimeError("Missing state value")
        data.pop("url", None)
        yield from self.framework.setting(session, state, data)

    def _fetching_token(self, redirect_uri: str | None, kwargs: dict[str, Any]) -> Steps[OAuth2Token]:
        """Redeems a code, or fetches another token."""
        metadata = yield self.load_server_metadata()
        endpoint = self.access_token_url or metadata.get("token_endpoint")
        if not endpoint:
            raise RuntimeError('Missing "access_token_url" value: say server_metadata_url=..., or access_token_url=...')

        def steps(client: Any) -> Steps[OAuth2Token]:
            if redirect_uri is not None:
                client.redirect_uri = redirect_uri
            return (yield client.fetch_token(endpoint, **{**self.access_token_params, **kwargs}))  # type: ignore[no-any-return]

        return (yield from self._using(self._get_oauth_client(**metadata), steps))  # type: ignore[no-any-return]

    def _returning(self, session: Session | None, answered: list[tuple[str, str]], kwargs: dict[str, Any]) -> Steps[OAuth2Token]:
        """Reads the answer that the person came back with, redeems its code, and verifies the ID token (Core 3.1.2.5 to 3.1.3.7)."""
        answer = dict(answered)
        if len(answer) != len(answered):
            raise OAuthError("invalid_request", "the answer has a parameter twice (RFC 6749 3.1)")
        if "error" in answer:
            raise OAuthError(answer["error"], answer.get("error_description"), answer.get("error_uri"))
        kept = yield from self.framework.taking(session, answer.get("state"))
        if _LOGOUT in kept:
            raise MismatchingStateError(description='Invalid "state" parameter: it is the one of a logout')
        if not answer.get("code"):
            raise MissingCodeError()
        metadata = yield self.load_server_metadata()
        issuer = metadata.get("issuer")
        # A template of tenants is no issuer.
        issuer = issuer if isinstance(issuer, str) and "{" not in issuer else None
        sends = bool(metadata.get("authorization_response_iss_parameter_supported"))
        try:
            _core.read_callback("?" + _core.form(answered), None, issuer, sends)
        except OAuth2Error as error:
            raise of_both(error) from None
        names = ("claims_options", "claims_cls", "leeway")
        of_id_token: dict[str, Any] = {name: kwargs.pop(name) for name in names if name in kwargs}
        asked = {"code": answer["code"], "state": answer["state"]}
        if kept.get("code_verifier"):
            asked["code_verifier"] = kept["code_verifier"]
        asked["redirect_uri"] = kwargs.pop("redirect_uri", kept.get("redirect_uri"))
        token: OAuth2Token = yield self.fetch_access_token(**{**asked, **kwargs})
        if "id_token" in token and "nonce" in kept:
            if kept.get("max_age") is not None:
                of_id_token["max_age"] = kept["max_age"]
            person = yield self.parse_id_token(token, nonce=kept["nonce"], **of_id_token)
            token["userinfo"] = person
            if person is not None and metadata.get("userinfo_endpoint") and self._lacks(person, token):
                yield from self._completing(person, token)
        return token

    def _logging_out(
        self, session: Session | None, post_logout_redirect_uri: str | None, id_token_hint: str | None, kwargs: dict[str, Any]
    ) -> Steps[str]:
        """The address of the logout, whose state is remembered."""
        state = kwargs.pop("state", None)
        made = yield self.create_logout_url(post_logout_redirect_uri, id_token_hint, state, **kwargs)
        if made["state"]:
            data = {_LOGOUT: post_logout_redirect_uri}
            yield from self.framework.setting(session, made["state"], data)
        return made["url"]  # type: ignore[no-any-return]

    def _logged_out(self, session: Session | None, state: str | None) -> Steps[dict[str, Any]]:
        """What was said of the logout that the person comes back from."""
        kept = yield from self.framework.taking(session, state)
        if _LOGOUT not in kept:
            raise MismatchingStateError(description='Invalid "state" parameter: it is the one of a login')
        return kept
