"""What the installed package offers: read from its sources, so that the answer is never older than the package.

Nothing of it is run. Frameworks that a module needs need not be there.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
from collections.abc import Iterator, Sequence
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec, PathFinder
from pkgutil import iter_modules

#: The names of a class, or None where they can't be told: a base is from elsewhere.
ClassNames = set[str] | None


class Module:
    """A module: its names, and what stands behind them."""

    def __init__(self, name: str, spec: ModuleSpec) -> None:
        self.name = name
        self.locations = list(spec.submodule_search_locations or ())
        source = spec.loader.get_source(name) if isinstance(spec.loader, InspectLoader) else None
        #: Modules that it imports, and therefore loads.
        self.imports: list[str] = []
        #: Each name, with what binds it: a statement, or the module and the name that it comes from.
        self.names: dict[str, ast.AST | tuple[str, str | None]] = {}
        self.stars: list[str] = []
        for statement in run_at_import(ast.parse(source or "").body):
            self._read(statement)

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.names[statement.name] = statement
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                root = alias.name.split(".")[0]
                self.names[alias.asname or root] = (alias.name if alias.asname else root, None)
                self.imports.append(alias.name)
        elif isinstance(statement, ast.ImportFrom):
            module = self._absolute(statement)
            self.imports.append(module)
            for alias in statement.names:
                if alias.name == "*":
                    self.stars.append(module)
                else:
                    self.names[alias.asname or alias.name] = (module, alias.name)
                    self.imports.append(f"{module}.{alias.name}")
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    self.names[node.id] = statement

    def _absolute(self, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        parts = self.name.split(".")
        up = statement.level - (1 if self.locations else 0)
        parts = parts[: len(parts) - up]
        return ".".join([*parts, statement.module] if statement.module else parts)

    @property
    def public(self) -> list[str]:
        """Its `__all__`."""
        statement = self.names.get("__all__")
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, (ast.List, ast.Tuple)):
            return []
        return [item.value for item in statement.value.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]


class Catalogue:
    """The modules of a package, their names, and the names of their classes."""

    def __init__(self, package: str = "authmint") -> None:
        self.package = package
        self._modules: dict[str, Module | None] = {}
        self._answers: dict[tuple[str, ...], int | None] = {}
        spec = importlib.util.find_spec(package)
        self._modules[package] = Module(package, spec) if spec is not None else None

    def module(self, name: str) -> Module | None:
        """A module by its full name."""
        if name not in self._modules:
            parent, _, _ = name.rpartition(".")
            above = self.module(parent) if parent else None
            # Not importlib.util.find_spec, which would run the packages above.
            spec = PathFinder.find_spec(name, above.locations) if above is not None else None
            self._modules[name] = Module(name, spec) if spec is not None else None
        return self._modules[name]

    def missing(self, path: Sequence[str]) -> int | None:
        """Where a path of names, beginning below the package, leaves what is there: the place of the first that isn't."""
        key = tuple(path)
        if key not in self._answers:
            self._answers[key] = self._missing(key)
        return self._answers[key]

    def _missing(self, path: tuple[str, ...]) -> int | None:
        module = self.module(self.package)
        for place, name in enumerate(path):
            if module is None:
                return place
            found = self._find(module, name)
            if found is None:
                below = self.module(f"{module.name}.{name}")
                if below is None:
                    return place
                module = below
            elif isinstance(found, Module):
                module = found
            else:
                names = self._names_of(*found)
                is_known = names is None or place + 1 == len(path) or path[place + 1] in names
                return None if is_known or path[place + 1].startswith("__") else place + 1
        return None

    def loaded_by(self, names: Sequence[str]) -> set[str]:
        """The modules of the package that are loaded once these are imported."""
        loaded: set[str] = set()
        waiting = list(names)
        while waiting:
            parts = waiting.pop().split(".")
            for end in range(1, len(parts) + 1):
                name = ".".join(parts[:end])
                module = self.module(name) if parts[0] == self.package and name not in loaded else None
                if module is not None:
                    loaded.add(name)
                    waiting.extend(module.imports)
        return loaded

    def homes(self, below: str, name: str) -> list[str]:
        """The modules below one that have a name in their `__all__`, the nearest to the package first."""
        found: list[str] = []
        waiting = [below]
        while waiting:
            module = self.module(waiting.pop(0))
            if module is not None:
                if name in module.public:
                    found.append(module.name)
                waiting.extend(f"{module.name}.{info.name}" for info in iter_modules(module.locations))
        return found

    def _find(self, module: Module, name: str) -> Module | tuple[Module, ast.AST] | None:
        """What a name of a module stands for, wherever it is made."""
        bound = module.names.get(name)
        if isinstance(bound, tuple):
            origin, wanted = bound
            there = self.module(origin) if origin.split(".")[0] == self.package else None
            if wanted is None and there is not None:
                return there
            found = self._find(there, wanted) or self.module(f"{origin}.{wanted}") if there is not None and wanted else None
            # Of elsewhere, or of the compiled core: there, but of a kind that can't be told.
            return found or (module, ast.Pass())
        if bound is not None:
            return module, bound
        for star in module.stars:
            there = self.module(star)
            found = self._find(there, name) if there is not None and not name.startswith("_") else None
            if found is not None:
                return found
        return None

    def _names_of(self, module: Module, made: ast.AST) -> ClassNames:
        """The names of a class, or of what is made by calling one."""
        if isinstance(made, (ast.Assign, ast.AnnAssign)) and isinstance(made.value, ast.Call):
            return self._names_of_base(module, made.value.func)
        if not isinstance(made, ast.ClassDef):
            return None
        names: set[str] = set()
        for node in ast.walk(made):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
        for base in made.bases:
            of_base = self._names_of_base(module, base)
            if of_base is None:
                return None
            names |= of_base
        return None if "__getattr__" in names else names

    def _names_of_base(self, module: Module, base: ast.expr) -> ClassNames:
        if isinstance(base, ast.Subscript):
            base = base.value
        if not isinstance(base, ast.Name):
            return None
        found = self._find(module, base.id)
        if found is None:
            kind = getattr(builtins, base.id, None)
            return set(dir(kind)) if isinstance(kind, type) else None
        return None if isinstance(found, Module) else self._names_of(*found)


def run_at_import(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, also inside of `if`, `try` and `with`."""
    for statement in body:
        if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING":
            yield from run_at_import(statement.orelse)
        elif isinstance(statement, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            for field in ("body", "orelse", "finalbody"):
                yield from run_at_import(getattr(statement, field, []))
            for handler in getattr(statement, "handlers", []):
                yield from run_at_import(handler.body)
        else:
            yield statement
