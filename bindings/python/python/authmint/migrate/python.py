"""A Python file: what of it names Authlib, and what it does that Authmint takes more strictly."""

from __future__ import annotations

import ast
import re
import warnings

from .advice import advice
from .catalogue import Catalogue
from .imports import Change, Import, Imports, Path, Remark, bound_names, own_nodes
from .strictness import strictness, texts_of
from .text import Edit, Text, Unreadable

#: Functions whose first argument names a module, or something in it.
_BY_NAME = {"patch", "setattr", "delattr", "import_module", "__import__", "importorskip", "find_spec", "import_string"}
_SETTINGS = {
    "AUTHLIB_OAUTH_CLIENTS": "is read as well as AUTHMINT_OAUTH_CLIENTS; it may stay",
    "AUTHLIB_OAUTH2_PROVIDER": "is of the authorization server, which is not in the package yet",
    "AUTHLIB_OAUTH1_PROVIDER": "is of OAuth 1, which is not in the package yet",
}
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class PythonFile(ast.NodeVisitor):
    """What there is to change in a file, and what to say about it."""

    def __init__(self, raw: bytes, catalogue: Catalogue) -> None:
        self.text = Text(raw, is_python=True)
        self.catalogue = catalogue
        #: Texts that name modules. They move if everything that is imported does.
        self.strings: list[tuple[Remark, Change]] = []
        self.remarks: list[Remark] = []
        #: Where somebody takes the name `authlib` out of another module.
        self.taken: list[Remark] = []
        #: Texts in lists that are requirements, in setup.py.
        self.listed: list[tuple[ast.Constant, str]] = []
        self.uses_fastapi = False
        self._done: set[int] = set()
        self._hidden: list[set[str]] = [set()]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.tree = ast.parse(self.text.normal)
            self.imports = Imports(self.tree, self.text, catalogue)
            self._texts = texts_of(self.tree)
            self.visit(self.tree)
        except SyntaxError as error:
            raise Unreadable(f"is not Python that this interpreter reads: {error.msg}, line {error.lineno}") from error
        except (RecursionError, MemoryError, ValueError) as error:
            raise Unreadable("is not Python that can be read: it is nested too deeply") from error
        self.remarks = _once(self.remarks)
        for one in self.imports.all:
            one.obstacles.sort(key=lambda remark: (remark.line, remark.column))

    def edited(self, changes: list[Change]) -> bytes | None:
        """The file with changes made; None where the result would not mean exactly what it should."""
        raw = self.text.edited(change.edit for change in changes)
        for change in changes:
            change.apply()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                made = ast.parse(Text(raw, is_python=True).normal)
            except SyntaxError:
                return None
        return raw if ast.dump(made) == ast.dump(self.tree) else None

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.split(".")[0]
            self.uses_fastapi |= root == "fastapi"
            if root == "joserfc":
                self._note_joserfc(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        root = "" if node.level else (node.module or "").split(".")[0]
        self.uses_fastapi |= root == "fastapi"
        if root == "joserfc":
            self._note_joserfc(node)
        if root != "authlib" and any(alias.name == "authlib" for alias in node.names):
            self._note_taken(node)

    def _note_joserfc(self, node: ast.stmt) -> None:
        self.remarks.append(self.imports.remark(node, "joserfc has another API, and is left as it is", by_hand=False))

    def _note_taken(self, node: ast.stmt | ast.expr) -> None:
        text = "takes the name `authlib` from another module; import it by its own name"
        self.taken.append(self.imports.remark(node, text))

    def _visit_scope(self, node: _Scope) -> None:
        local = bound_names(own_nodes(node))
        self._hidden.append(self._hidden[-1] | local)
        self.generic_visit(node)
        self._hidden.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_scope
    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_scope

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.imports.assign(node)
            if node.id.startswith("AUTHLIB_"):
                self._note_setting(node, node.id)
        else:
            self._use(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if self._use(node) is None:
            if node.attr == "authlib":
                self._note_taken(node)
            self.generic_visit(node)

    def _use(self, node: ast.expr) -> Path | None:
        root, attributes = _chain(node)
        if root is None or (root.id != "authlib" and root.id in self._hidden[-1]):
            return None
        return self.imports.use(root, attributes)

    def _path(self, node: ast.expr) -> tuple[Path, Import] | None:
        """What a function is called by, where it is one of Authlib's."""
        root, attributes = _chain(node)
        if root is None or root.id not in self.imports.names or root.id in self._hidden[-1]:
            return None
        path, origin = self.imports.names[root.id]
        return (*path, *(name for name, _ in attributes)), origin

    def visit_Call(self, node: ast.Call) -> None:
        names = _dotted(node.func)
        first = node.args[0] if node.args else next((word.value for word in node.keywords if word.arg == "target"), None)
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            if names and (names[-1] in _BY_NAME or "patch" in names[-2:-1]):
                self._names_module(first, first.value)
            elif names[-1:] in (["getLogger"], ["get_logger"]):
                self._names_logger(first, first.value)
            elif names[-2:-1] == ["extensions"]:
                self._names_module(first, first.value)
        found = self._path(node.func)
        if found is not None:
            path, origin = found
            texts = {name: text for name, text in self._texts.items() if name not in self._hidden[-1]}
            for place, text, by_hand in strictness(path, node, texts):
                remark = self.imports.remark(place, text, by_hand=by_hand)
                (origin.obstacles if by_hand else self.remarks).append(remark)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        # Flask keeps OAuth under the name of its module.
        name = node.slice
        if _dotted(node.value)[-1:] == ["extensions"] and isinstance(name, ast.Constant) and isinstance(name.value, str):
            self._names_module(name, name.value)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        name = node.left
        if (
            _dotted(node.comparators[-1])[-1:] == ["extensions"]
            and isinstance(name, ast.Constant)
            and isinstance(name.value, str)
        ):
            self._names_module(name, name.value)
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "loggers" and isinstance(value, ast.Dict):
                for name in value.keys:
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        self._names_logger(name, name.value)
        self.generic_visit(node)

    def visit_List(self, node: ast.List | ast.Tuple | ast.Set) -> None:
        for item in node.elts:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                self.listed.append((item, item.value))
        self.generic_visit(node)

    visit_Tuple = visit_Set = visit_List

    def visit_keyword(self, node: ast.keyword) -> None:
        # Of setup(): these are lists of other things.
        if node.arg in ("keywords", "packages", "py_modules", "classifiers"):
            return
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        # Not a docstring, which is for people.
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if not isinstance(part, ast.Constant):
                self.visit(part)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if not isinstance(value, str) or id(node) in self._done or len(value) > 200 or re.search(r"\s|/|@", value):
            return
        if value.startswith("AUTHLIB_"):
            self._note_setting(node, value)
        elif re.search(r"\bauthlib\b", value):
            text = f"the text {value!r} names Authlib; look whether it should"
            self.remarks.append(self.imports.remark(node, text, by_hand=False))

    def _note_setting(self, node: ast.expr, name: str) -> None:
        text = f"{name} {_SETTINGS.get(name, 'is not read by Authmint')}"
        self.remarks.append(self.imports.remark(node, text, by_hand=False))

    def _names_module(self, node: ast.Constant, value: str) -> None:
        root, *path = value.split(".")
        if root != "authlib":
            if "authlib" in path:
                self._done.add(id(node))
                text = f"{value!r} takes the name `authlib` from another module; name what is behind it"
                self.remarks.append(self.imports.remark(node, text))
            return
        self._done.add(id(node))
        missing = self.catalogue.missing(path)
        if missing is not None:
            self.remarks.append(self.imports.remark(node, advice(path, self.catalogue)))
            return
        self._rename(node, value)

    def _names_logger(self, node: ast.Constant, value: str) -> None:
        if value == "authlib":
            self._done.add(id(node))
            self._rename(node, value)
        elif value.startswith("authlib."):
            self._done.add(id(node))
            self.remarks.append(self.imports.remark(node, f"{value!r}: Authmint's logger is 'authmint'", by_hand=False))

    def _rename(self, node: ast.Constant, value: str) -> None:
        start = self.imports.offset(node)
        found = re.compile(r"[rRuU]?('''|\"\"\"|'|\")authlib").match(self.text.text, start)
        if found is None:
            self.remarks.append(self.imports.remark(node, f"{value!r} is put together; change it"))
            return
        change = Change(Edit(found.end() - 7, found.end(), "authmint"), lambda: setattr(node, "value", "authmint" + value[7:]))
        self.strings.append((self.imports.remark(node, f"{value!r} names what other files still take from Authlib"), change))


def _once(remarks: list[Remark]) -> list[Remark]:
    """Of notes that say the same, the first."""
    notes: dict[str, Remark] = {}
    by_hand = [remark for remark in remarks if remark.by_hand]
    for remark in remarks:
        if not remark.by_hand:
            notes.setdefault(remark.text, remark)
    return [*by_hand, *notes.values()]


def _chain(node: ast.expr) -> tuple[ast.Name | None, list[tuple[str, ast.Attribute]]]:
    """The name that `a.b.c` begins with, and the attributes that follow."""
    attributes: list[tuple[str, ast.Attribute]] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, (node.attr, node))
        node = node.value
    return (node if isinstance(node, ast.Name) else None), attributes


def _dotted(node: ast.expr) -> list[str]:
    root, attributes = _chain(node)
    return [*([root.id] if root is not None else []), *(name for name, _ in attributes)]
