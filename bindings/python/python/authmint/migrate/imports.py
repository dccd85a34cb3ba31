"""How a Python file uses Authlib: its imports, and what is done through the names that they bind."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .advice import advice
from .catalogue import Catalogue
from .text import Edit, Text

Path = tuple[str, ...]

_GAP = r"(?:[ \t\f]|\\(?:\r\n?|\n))*"
_FROM = re.compile(rf"from{_GAP}(authlib(?:{_GAP}\.{_GAP}\w+)*)")
#: What is of use without the rest. Everything else moves together: the errors and keys of one library are not the other's.
_APART = {
    *(("common", name) for name in ("security", "encoding", "urls", "language")),
    *((name,) for name in ("deprecate", "consts", "__version__")),
}


@dataclass(frozen=True)
class Remark:
    """Something to say about a place in a file. `by_hand` says that there is something to do."""

    line: int
    column: int
    text: str
    by_hand: bool = True


@dataclass(frozen=True)
class Change:
    """An edit of the text, and the same for the tree: it is made only if both agree."""

    edit: Edit
    apply: Callable[[], None]


@dataclass(eq=False)
class Import:
    """An import and what is done through its names: it moves as a whole, or not at all."""

    line: int
    column: int
    paths: list[Path] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    obstacles: list[Remark] = field(default_factory=list)

    @property
    def is_apart(self) -> bool:
        """Whether it may stay, or move, without the others."""
        return all(path[:2] in _APART or path[:1] in _APART or _is_oauth1(path) for path in self.paths)


def _is_oauth1(path: Path) -> bool:
    return any("oauth1" in name.lower() or name.startswith("SIGNATURE_") for name in path)


class Imports:
    """The imports of a file from Authlib."""

    def __init__(self, tree: ast.Module, text: Text, catalogue: Catalogue) -> None:
        self.text = text
        self.catalogue = catalogue
        self.all: list[Import] = []
        #: What a name stands for: the path below `authlib`, and the import that binds it.
        self.names: dict[str, tuple[Path, Import]] = {}
        #: The one for all that bind `authlib` itself.
        self.of_root: Import | None = None
        #: What is imported from Authmint already.
        self.modules: list[Path] = []
        self._root_modules: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._import(alias)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                self._import_from(node, node.module)
        # A name that is merely assigned, as None where there is no Authlib, is renamed with the others.
        others = (node for node in ast.walk(tree) if not isinstance(node, ast.Name))
        if self.of_root is not None and "authlib" in bound_names(others):
            self.of_root.obstacles.append(self.remark(tree.body[0], "`authlib` is also the name of something else in this file"))
        loaded = catalogue.loaded_by(self._root_modules)
        #: Modules that can be reached through the name `authlib`.
        self.loaded = {tuple(name.split(".")[1:]) for name in loaded}

    def remark(self, node: ast.stmt | ast.expr | ast.alias, text: str, *, by_hand: bool = True) -> Remark:
        """A remark about a node."""
        return Remark(*self.text.position(self.offset(node)), text, by_hand)

    def offset(self, node: ast.stmt | ast.expr | ast.alias) -> int:
        """Where a node begins in the text."""
        return self.text.offset(node.lineno, node.col_offset)

    def use(self, root: ast.Name, attributes: Sequence[tuple[str, ast.Attribute]]) -> Path | None:
        """Notes that a name that was imported is used, with what is asked of it. Gives the whole path."""
        if root.id not in self.names:
            return None
        path, origin = self.names[root.id]
        whole = (*path, *(name for name, _ in attributes))
        is_read = not attributes or not isinstance(attributes[-1][1].ctx, ast.Store)
        missing = self.catalogue.missing(whole)
        if is_read and missing is not None and missing >= len(path):
            text = advice(whole[: missing + 1], self.catalogue)
            origin.obstacles.append(self.remark(attributes[missing - len(path)][1], text))
        if origin is self.of_root and root.id == "authlib" and not path:
            origin.paths.append(whole)
            self._rename(root, whole, origin)
        return whole

    def assign(self, root: ast.Name) -> None:
        """Notes that a name is assigned, or deleted."""
        if root.id == "authlib" and self.of_root is not None:
            self._rename(root, (), self.of_root)

    def _rename(self, root: ast.Name, whole: Path, origin: Import) -> None:
        beginnings = [whole[:end] for end in range(1, len(whole) + 1)]
        modules = [path for path in beginnings if self._is_module(path)]
        if modules and modules[-1] not in self.loaded:
            name = ".".join(("authlib", *modules[-1]))
            origin.obstacles.append(self.remark(root, f"`{name}` is used, but not imported here; write `import {name}` above"))
        start = self.offset(root)
        if self.text.text[start : start + 7] == "authlib":
            origin.changes.append(Change(Edit(start, start + 7, "authmint"), lambda: setattr(root, "id", "authmint")))
        else:
            origin.obstacles.append(self.remark(root, "`authlib` is named inside of a text; take it out of there"))

    def _import(self, alias: ast.alias) -> None:
        root, *below = alias.name.split(".")
        if root not in ("authlib", "authmint"):
            return
        path = tuple(below)
        if root == "authmint":
            self.modules.append(path)
            return
        start = self.offset(alias)
        if alias.asname is None:
            if self.of_root is None:
                self.of_root = Import(*self.text.position(start))
                self.all.append(self.of_root)
            made = self.of_root
            self.names["authlib"] = ((), made)
            self._root_modules.append(".".join(("authmint", *path)))
        else:
            made = Import(*self.text.position(start))
            self.all.append(made)
            self.names[alias.asname] = (path, made)
        made.paths.append(path)
        # A name that is no module can't be imported in this way.
        if not self._is_module(path):
            made.obstacles.append(self.remark(alias, advice(path, self.catalogue)))
        name = ".".join(("authmint", *path))
        made.changes.append(Change(Edit(start, start + 7, "authmint"), lambda: setattr(alias, "name", name)))

    def _import_from(self, node: ast.ImportFrom, module: str) -> None:
        root, *below = module.split(".")
        if root not in ("authlib", "authmint"):
            return
        path = tuple(below)
        if root == "authmint":
            self.modules += [(*path, alias.name) for alias in node.names]
            return
        made = Import(*self.text.position(self.offset(node)))
        self.all.append(made)
        home = self._home(path, [alias.name for alias in node.names])
        for alias in node.names:
            whole = (*path, alias.name)
            made.paths.append(whole)
            self.names[alias.asname or alias.name] = ((*home, alias.name), made)
            if alias.name == "*":
                made.obstacles.append(self.remark(alias, "`*` does not say what is needed; import it by its names"))
            elif self.catalogue.missing((*home, alias.name)) is not None or not self._is_module(home):
                text = advice(whole, self.catalogue) + self._split(path, node.names)
                made.obstacles.append(self.remark(alias, text))
        found = _FROM.match(self.text.text, self.offset(node))
        if found is None:
            made.obstacles.append(self.remark(node, "this import is written in letters that only look like `authlib`"))
            return
        start, end = found.span(1)
        name = ".".join(("authmint", *home))
        edit = Edit(start, start + 7, "authmint") if home == path else Edit(start, end, name)
        made.changes.append(Change(edit, lambda: setattr(node, "module", name)))

    def _home(self, path: Path, names: Sequence[str]) -> Path:
        """Where Authmint has the names: inner modules of Authlib are not here, but the packages above have what they have."""
        homes = [path]
        if path and self.catalogue.missing(path) is not None:
            homes.append(tuple(name for name in path if not re.fullmatch(r"rfc\d+", name)))
            homes += [path[:end] for end in range(len(path) - 1, 0, -1)]
        for home in homes:
            is_there = all(name != "*" and self.catalogue.missing((*home, name)) is None for name in names)
            if is_there and self._is_module(home):
                return home
        return path

    def _is_module(self, path: Path) -> bool:
        return self.catalogue.module(".".join(("authmint", *path))) is not None

    def _split(self, path: Path, names: Sequence[ast.alias]) -> str:
        """A hint where OAuth 1, which may stay, is imported together with something that need not."""
        kinds = {_is_oauth1((*path, alias.name)) for alias in names}
        return "; import the other names by a line of their own, which can move" if len(kinds) == 2 else ""


def bound_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that nodes bind, but for imports of Authlib."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            names.update(node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] != "authlib":
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(
                alias.asname or alias.name.split(".")[0] for alias in node.names if alias.name.split(".")[0] != "authlib"
            )
    return names


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function that are not inside of a function or class of its own."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))
