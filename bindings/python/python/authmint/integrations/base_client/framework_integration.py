"""What a login that was begun leaves with the browser until its answer comes (RFC 6749 10.12): the state, and what goes with it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import MutableMapping
from typing import Any

from ...oauth2.steps import Steps, run
from .errors import MismatchingStateError

#: How long a person may take, in seconds.
EXPIRES_IN = 3600
#: How many logins of one provider a browser may have begun. A session in a cookie has little room.
MOST = 5

Session = MutableMapping[str, Any]


class FrameworkIntegration:
    """Keeps states in the browser's session; or what goes with them in a cache, and the proof that it is this browser's in the
    session. A cache alone would take the answer to a login that somebody else began.

    Frameworks add their signals and their settings. Applications may look at what was kept, and keep more.
    """

    expires_in = EXPIRES_IN

    def __init__(self, name: str, cache: Any = None) -> None:
        self.name = name
        self.cache = cache

    def _key(self, state: str) -> str:
        return f"_state_{self.name}_{state}"

    def setting(self, session: Session | None, state: str, data: dict[str, Any]) -> Steps[None]:
        """Remembers a state and what goes with it."""
        if session is None:
            raise RuntimeError("a login needs a session: add the framework's session middleware")
        expires = time.time() + self.expires_in
        begun = sorted(self._begun(session).items(), key=lambda item: item[1])
        for key, _ in begun[: max(0, len(begun) - MOST + 1)]:
            session.pop(key, None)
        # `a_b` and `c` make the key that `a` and `b_c` do: it is said whose state it is.
        of = {"of": self.name} if "_" in self.name or "_" in state else {}
        if self.cache is not None:
            text = json.dumps({"data": data})
            yield self.cache.set(self._key(state), text, self.expires_in)
            session[self._key(state)] = {"exp": expires, "sum": _sum(text), **of}
        else:
            session[self._key(state)] = {"data": data, "exp": expires, **of}

    def taking(self, session: Session | None, state: str | None) -> Steps[dict[str, Any]]:
        """What goes with a state: once.

        # Errors
        `MismatchingStateError`, which says which of the usual causes it was.
        """
        if not state:
            raise MismatchingStateError(description='Missing "state" parameter: this is no answer to a login of this application')
        kept = session.get(self._key(state)) if session is not None else None
        if not isinstance(kept, dict) or not self._is_own(kept):
            raise MismatchingStateError(description=f'Invalid "state" parameter: {self._cause(session, state)}')
        assert session is not None
        del session[self._key(state)]
        self._begun(session)
        session[self._done] = state[:_SHOWN]
        if isinstance(kept.get("exp"), (int, float)) and kept["exp"] < time.time():
            minutes = self.expires_in // 60
            raise MismatchingStateError(description=f"the login was begun more than {minutes} minutes ago: begin it again")
        if self.cache is not None:
            text = yield self.cache.get(self._key(state))
            yield self.cache.delete(self._key(state))
            if text and _sum(text) != kept.get("sum"):
                raise MismatchingStateError(
                    description="another browser has begun a login with this state since: let it be chosen anew for each"
                )
            kept = _read(text)
            if kept is None:
                raise MismatchingStateError(
                    description="the cache has lost this login: give it to all processes, and more room or time"
                )
        data = kept.get("data")
        return data if isinstance(data, dict) else {}

    def _looking(self, session: Session | None, state: str) -> Steps[dict[str, Any] | None]:
        """What goes with a state, which stays."""
        kept = session.get(self._key(state)) if session is not None else None
        if not isinstance(kept, dict) or not self._is_own(kept):
            return None
        if self.cache is not None:
            kept = _read((yield self.cache.get(self._key(state)))) or {}
        return kept.get("data")

    def _clearing(self, session: Session | None, state: str) -> Steps[None]:
        kept = session.get(self._key(state)) if session is not None else None
        if session is not None and (not isinstance(kept, dict) or not self._is_own(kept)):
            # Another browser's, or another provider's.
            return
        if self.cache is not None:
            yield self.cache.delete(self._key(state))
        if session is not None:
            del session[self._key(state)]
            self._begun(session)

    def set_state_data(self, session: Session | None, state: str, data: dict[str, Any]) -> Any:
        """Remembers a state and what goes with it."""
        return run(self.setting(session, state, data))

    def get_state_data(self, session: Session | None, state: str) -> Any:
        """What goes with a state; `None` where there is nothing. The login can be completed all the same."""
        return run(self._looking(session, state))

    def clear_state_data(self, session: Session | None, state: str) -> Any:
        """Forgets a state."""
        return run(self._clearing(session, state))

    @staticmethod
    def load_config(oauth: Any, name: str, params: tuple[str, ...]) -> dict[str, Any]:
        """What the settings of the framework say of a provider."""
        return {}

    def update_token(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> None:
        """Tells the application that a token was renewed."""

    @property
    def _done(self) -> str:
        return f"_done_{self.name}"

    def _begun(self, session: Session) -> dict[str, float]:
        """The logins that were begun, and when they expire; those that have are forgotten."""
        now, begun = time.time(), {}
        for key in [key for key in session.keys() if str(key).startswith(f"_state_{self.name}_")]:
            kept = session[key]
            if isinstance(kept, dict) and not self._is_own(kept):
                continue
            expires = kept.get("exp") if isinstance(kept, dict) else None
            if isinstance(expires, (int, float)) and expires >= now:
                begun[key] = float(expires)
            else:
                del session[key]
        return begun

    def _is_own(self, kept: dict[str, Any]) -> bool:
        return bool(kept.get("of", self.name) == self.name)

    def _cause(self, session: Session | None, state: str) -> str:
        """Why a state is not there, as far as the session tells."""
        if session is None or not list(session.keys()):
            return (
                "the browser came back without the session that the login was begun in: its cookie was not sent (another host"
                " name, SameSite=Strict, Secure over http) or is not readable (another secret key)"
            )
        if session.get(self._done) == state[:_SHOWN]:
            return "this answer was used already: the page was loaded again, or the login done twice"
        if self._begun(session):
            return "the state is not the one of a login that this browser has begun: it began another one since, or somebody else did"
        if any(str(key).startswith("_state_") for key in session.keys()):
            return f"this browser has begun a login at another provider, none at {self.name!r}"
        return (
            "this browser has a session, but has begun no login in it: somebody else began this one, or the session was cleared"
        )


#: So much of a state is kept to know it again.
_SHOWN = 16


def _sum(text: str | bytes) -> str:
    """By what a browser knows what it has left in the cache: a program may let states be chosen by whoever asks."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:32]


def _read(text: Any) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        kept = json.loads(text)
    except (TypeError, ValueError):
        return None
    return kept if isinstance(kept, dict) else None
