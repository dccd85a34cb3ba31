"""Which files of a project are looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_SKIPPED = {"node_modules", "__pycache__", "site-packages", "__pypackages__"}
_LOCKS = {"poetry.lock", "Pipfile.lock", "uv.lock", "pdm.lock", "pylock.toml", "conda-lock.yml"}
_REQUIREMENTS = re.compile(r"(?i)requirements.*\.(txt|in)")


def kind(path: Path) -> str | None:
    """What a file is to us, by its name."""
    if path.suffix in (".py", ".pyi", ".pyw"):
        return "python"
    if path.name in _LOCKS:
        return "lock"
    if path.name in ("pyproject.toml", "Pipfile"):
        return "toml"
    if path.name == "setup.cfg":
        return "setup.cfg"
    in_folder = path.parent.name == "requirements" and path.suffix in (".txt", ".in") and "constraint" not in path.name
    return "requirements" if in_folder or _REQUIREMENTS.fullmatch(path.name) else None


def walk(paths: Sequence[str], refuse: Callable[[str, str], None]) -> Iterator[tuple[Path, Path]]:
    """Every file once, sorted: its path as it is shown, and the one to open.

    Links that are found are not followed: what they lead to is met by itself, or is not below the paths. Hidden folders, virtual
    environments and what others have installed are left alone, unless they are named.
    """
    seen: set[str] = set()

    def unreadable(error: OSError) -> None:
        refuse(str(error.filename), f"can't be read: {error.strerror}")

    def once(shown: str) -> Iterator[tuple[Path, Path]]:
        real = os.path.realpath(shown)
        if real not in seen:
            seen.add(real)
            yield Path(shown), Path(real)

    for path in paths:
        if not os.path.isdir(path):
            if not os.path.lexists(path):
                refuse(path, "does not exist")
            elif kind(Path(path)) is None:
                refuse(path, "is neither a folder, nor Python, nor a list of dependencies that is known here")
            else:
                yield from once(path)
            continue
        for folder, folders, names in os.walk(path, onerror=unreadable):
            folders[:] = sorted(name for name in folders if not _is_skipped(os.path.join(folder, name), name))
            for name in sorted(names):
                shown = os.path.join(folder, name)
                if kind(Path(shown)) is not None and not os.path.islink(shown):
                    yield from once(shown)


def _is_skipped(folder: str, name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED or os.path.lexists(os.path.join(folder, "pyvenv.cfg"))
