"""The pytest plugin that makes one change: it loads the module named in the environment from a changed tree."""

from __future__ import annotations

import ast
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from tests.mutants.mutations import mutations

VARIABLE = "FAKE_KFP_MUTANT"
"""``fake_kfp.store.table 12``: a module, and the number of the change in it."""


class _ChangedLoader(SourceFileLoader):
    number = -1

    def get_code(self, fullname: str) -> CodeType:
        """The changed module, past any compiled file."""
        tree = ast.parse(self.get_data(self.path))
        mutations(tree)[self.number].apply()
        code: CodeType = compile(ast.fix_missing_locations(tree), self.path, "exec")
        return code


class _Finder(MetaPathFinder):
    def __init__(self, module: str, number: int) -> None:
        self._module = module
        self._number = number

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module as usual, with a loader that changes it; None for every other."""
        if fullname != self._module:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin:
            spec.loader = _ChangedLoader(fullname, spec.origin)
            spec.loader.number = self._number
        return spec


if VARIABLE in os.environ:
    module, number = os.environ[VARIABLE].split()
    assert module not in sys.modules, f"{module} was imported before it could be changed"
    sys.meta_path.insert(0, _Finder(module, int(number)))
