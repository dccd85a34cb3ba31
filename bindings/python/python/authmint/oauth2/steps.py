"""One definition of what a client does, for libraries that wait for an answer and for those that are awaited.

Steps are a generator. It yields whatever may have to be awaited, such as a request that is sent, and goes on with the result.
"""

from __future__ import annotations

from collections.abc import Generator
from inspect import isawaitable
from typing import Any, TypeVar

_Result = TypeVar("_Result")
Steps = Generator[Any, Any, _Result]


def run(steps: Steps[_Result]) -> _Result:
    """Runs steps whose every value is there already."""
    value = None
    while True:
        try:
            value = steps.send(value)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


async def run_async(steps: Steps[_Result]) -> _Result:
    """Runs steps, and awaits what is to be awaited."""
    step: Any = steps.send
    value: Any = None
    while True:
        try:
            value = step(value)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        step = steps.send
        if isawaitable(value):
            try:
                value = await value
            except BaseException as error:
                # What the steps clean up, they clean up now.
                step, value = steps.throw, error
