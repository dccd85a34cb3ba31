"""What is wrong with an ID token, for programs that know the errors of joserfc, which Authlib raises since 1.7."""

from __future__ import annotations

import sys
from typing import Any

from ...jose.errors import InvalidTypeError, JoseError, KeyNotFoundError, WeakKeyError

#: Those that have another name there.
_OTHER_NAMES: dict[type[JoseError], str] = {
    InvalidTypeError: "InvalidClaimError",
    KeyNotFoundError: "InvalidKeyIdError",
    WeakKeyError: "InvalidKeyLengthError",
}

_made: dict[tuple[type[JoseError], type[Any]], type[JoseError]] = {}


def of_joserfc(error: JoseError) -> JoseError:
    """The error, which is one of joserfc, too, where the program has loaded that: only then it can catch one."""
    errors = sys.modules.get("joserfc.errors")
    theirs = getattr(errors, "JoseError", None)
    if theirs is None:
        return error
    names = (_OTHER_NAMES.get(kind, kind.__name__) for kind in type(error).__mro__ if issubclass(kind, JoseError))
    named = next((found for name in names if isinstance(found := getattr(errors, name, None), type)), theirs)
    kind = _kind_of_both(type(error), named)
    made = kind.__new__(kind)
    made.__dict__.update(vars(error), claim=getattr(error, "claim_name", None))
    made.args = error.args
    return made


def _kind_of_both(ours: type[JoseError], theirs: type[Any]) -> type[JoseError]:
    if (ours, theirs) not in _made:
        _made[ours, theirs] = type(ours.__name__, (ours, theirs), {"__module__": ours.__module__, "__doc__": ours.__doc__})
    return _made[ours, theirs]
