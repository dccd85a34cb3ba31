"""A project as a whole: what of it can move, and what of it must stay together."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .catalogue import Catalogue
from .dependencies import Dependencies, listed, requirement
from .files import kind, walk
from .imports import Change, Import, Remark
from .python import PythonFile
from .text import Edit, Unreadable, read

_EXTRAS = ("requests", "httpx", "flask", "django", "starlette")
_ANEW = {
    "poetry.lock": "poetry lock",
    "Pipfile.lock": "pipenv lock",
    "uv.lock": "uv lock",
    "pdm.lock": "pdm lock",
}


@dataclass(frozen=True)
class Changed:
    """A file that is to be another."""

    shown: Path
    real: Path
    old: bytes
    new: bytes
    is_list: bool = False


class Project:
    """What there is to change below some paths, what is for people to do, and what could not be read."""

    def __init__(self, paths: Sequence[str], catalogue: Catalogue | None = None) -> None:
        self.catalogue = catalogue or Catalogue()
        self.changed: list[Changed] = []
        self.remarks: list[tuple[Path, Remark]] = []
        self.errors: list[tuple[str, str]] = []
        #: Files that keep an import of Authlib, or may: nobody could read them.
        self.staying: list[Path] = []
        self._sources: list[tuple[Path, Path, PythonFile]] = []
        self._lists: list[tuple[Path, Path, Dependencies]] = []
        unread: list[Path] = []
        own: list[Path] = []
        for shown, real in walk(paths, lambda path, why: self.errors.append((path, why))):
            if _is_authlib(real):
                own.append(shown)
            try:
                self._read(shown, real)
            except Unreadable as error:
                self.errors.append((str(shown), str(error)))
                if kind(shown) == "python":
                    unread.append(shown)
        self._decide(unread)
        if own:
            self.errors.append((str(own[0]), "is itself called authlib, so that nobody knows which is meant; nothing is changed"))
            self.changed.clear()
        self.remarks.sort(key=lambda one: (str(one[0]), one[1].line, one[1].column))

    @property
    def needed(self) -> str:
        """What the project requires once it has moved."""
        return requirement(tuple(sorted(self._extras)))

    def _read(self, shown: Path, real: Path) -> None:
        raw = read(real)
        names = raw.lower()
        if not any(name in names for name in (b"authlib", b"authmint", b"joserfc")):
            return
        what = kind(shown)
        if what == "python":
            self._sources.append((shown, real, PythonFile(raw, self.catalogue)))
        elif what is not None and b"authlib" in names:
            self._lists.append((shown, real, Dependencies(raw, what)))

    def _decide(self, unread: Sequence[Path]) -> None:
        taken = [(shown, remark) for shown, _, source in self._sources for remark in source.taken]
        for _, _, source in self._sources:
            root = source.imports.of_root
            if root is not None and taken:
                text = f"`authlib` is taken from a module in {taken[0][0]}, line {taken[0][1].line}; so this import stays"
                root.obstacles.append(Remark(root.line, root.column, text))
        self.remarks += taken
        moving = {shown: _moving(source.imports.all) for shown, _, source in self._sources}
        self.staying = [shown for shown, _, source in self._sources if len(moving[shown]) < len(source.imports.all)]
        self.staying += unread
        self.is_moving = any(moving.values()) or any(source.imports.modules for _, _, source in self._sources)
        self._extras = self._find_extras(moving)
        is_held = bool(unread) or any(_obstacle(source.imports.all) for _, _, source in self._sources)
        #: Whether a part of what belongs together moves, and another stays.
        self.is_split = is_held and any(not one.is_apart for imports in moving.values() for one in imports)
        for shown, real, source in self._sources:
            self._decide_source(shown, real, source, moving[shown], is_held)
        for shown, real, found in self._lists:
            self._decide_list(shown, real, found)

    def _find_extras(self, moving: dict[Path, list[Import]]) -> set[str]:
        paths = [path for imports in moving.values() for one in imports for path in one.paths]
        paths += [path for _, _, source in self._sources for path in source.imports.modules]
        extras = {path[1].split("_")[0] for path in paths if path[:1] == ("integrations",) and len(path) > 1}
        extras &= set(_EXTRAS)
        if "starlette" in extras and any(source.uses_fastapi for _, _, source in self._sources):
            extras = extras - {"starlette"} | {"fastapi"}
        return extras

    def _decide_source(self, shown: Path, real: Path, source: PythonFile, moving: list[Import], is_held: bool) -> None:
        obstacle = _obstacle(source.imports.all)
        for one in source.imports.all:
            self._say(shown, one.obstacles)
            if obstacle is not None and one not in moving and not one.obstacles:
                text = f"stays with line {obstacle.line}: errors and keys of one library are not the other's"
                self._say(shown, [Remark(one.line, one.column, text, by_hand=False)])
        self._say(shown, source.remarks)
        changes = [change for one in moving for change in one.changes]
        for remark, change in source.strings:
            if is_held:
                self._say(shown, [remark])
            else:
                changes.append(change)
        if shown.name == "setup.py":
            changes += self._requirements_of(shown, source)
        if changes:
            new = source.edited(changes)
            if new is None:
                self.errors.append((str(shown), "can't be changed so that it means the same; change it by hand"))
                self.staying.append(shown)
            else:
                self.changed.append(Changed(shown, real, source.text.raw, new))

    def _requirements_of(self, shown: Path, source: PythonFile) -> list[Change]:
        found = list(listed(source.text, source.listed))
        if not found:
            return []
        has_authmint = any(value.startswith("authmint") for _, value in source.listed)
        remark = self._to_do_with(Remark(*source.text.position(found[0][0]), ""), has_authmint)
        if remark is not None:
            self._say(shown, [remark] if remark.text else [])
            return []
        return [_require(start, end, self.needed, node) for start, end, node in found]

    def _decide_list(self, shown: Path, real: Path, found: Dependencies) -> None:
        if found.is_lock:
            text = f"a lock file is not edited; make it anew{_how(shown)}"
            self._say(shown, [Remark(1, 1, text, by_hand=False)])
            return
        self._say(shown, found.remarks)
        if not found.found:
            return
        remark = self._to_do_with(found.remark(found.found[0][0], ""), found.names_authmint)
        if remark is not None:
            self._say(shown, [remark] if remark.text else [])
            return
        edits: list[Edit] = found.edits(tuple(sorted(self._extras)))
        self.changed.append(Changed(shown, real, found.text.raw, found.text.edited(edits), is_list=True))

    def _to_do_with(self, place: Remark, has_authmint: bool) -> Remark | None:
        """What there is to do with a requirement of Authlib by hand, if it can't be replaced; no text if there is nothing."""
        text = ""
        if self.staying and self.is_moving and not has_authmint:
            text = f"{self.staying[0]} may need Authlib still, so this stays; add `{self.needed}` beside it"
        elif has_authmint and not self.staying:
            text = "`authmint` is required beside it, and nothing here needs Authlib any more; take it out"
        elif not self.is_moving and not self.staying:
            text = "nothing below these paths imports it; name the code that does, too, or take it out"
        elif not self.staying:
            return None
        return Remark(place.line, place.column, text)

    def _say(self, shown: Path, remarks: Iterable[Remark]) -> None:
        self.remarks += [(shown, remark) for remark in remarks]


def _is_authlib(file: Path) -> bool:
    """Whether a file would be found by `import authlib`."""
    if file.name == "__init__.py":
        return file.parent.name == "authlib" and not (file.parent.parent / "__init__.py").exists()
    return file.name == "authlib.py" and not (file.parent / "__init__.py").exists()


def _obstacle(imports: Iterable[Import]) -> Remark | None:
    """What keeps the imports of a file that must stay together where they are."""
    return next((one.obstacles[0] for one in imports if one.obstacles and not one.is_apart), None)


def _moving(imports: Sequence[Import]) -> list[Import]:
    stays = _obstacle(imports) is not None
    return [one for one in imports if not one.obstacles and (one.is_apart or not stays)]


def _require(start: int, end: int, needed: str, node: ast.Constant) -> Change:
    value = needed + str(node.value)[end - start :]
    return Change(Edit(start, end, needed), lambda: setattr(node, "value", value))


def _how(path: Path) -> str:
    return f": `{_ANEW[path.name]}`" if path.name in _ANEW else " with the tool that made it"
