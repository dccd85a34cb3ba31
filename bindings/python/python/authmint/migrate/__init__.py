"""Moves a project from Authlib to Authmint: ``python -m authmint.migrate PATH``.

It shows what it would change, and changes it with ``--write``. What Authmint does not have is not guessed at: the import stays as
it is, and a sentence says what to do. Needs nothing but the standard library.
"""

from .command import main

__all__ = ["main"]
