"""What can be told of a task's own code without running it: that it always fails, as tasks do which are there for their failure."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache

_FUNCTION_FLAG = "--function_to_execute"
_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})


def sure_exit_code(command: Sequence[str]) -> int:
    """With which code a Python function of the SDK ends, whatever it is given; 0 where it may well succeed.

    ``command`` is a container's command with its arguments; other containers may well succeed.
    """
    if _FUNCTION_FLAG not in command[:-1]:
        return 0
    name = command[list(command).index(_FUNCTION_FLAG) + 1]
    source = next((text for text in command if f"def {name}(" in text), "")
    return _exit_code(source, name)


@lru_cache(maxsize=512)
def _exit_code(source: str, name: str) -> int:
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return 0
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            return _code_of(statement.body)
    return 0


def _code_of(body: list[ast.stmt]) -> int:
    """What comes of statements that are sure to be reached; a return before the end may always be taken."""
    for statement in body:
        if isinstance(statement, ast.Raise):
            return 1
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            code = _exit_of(statement.value)
            if code is not None:
                return code
        if any(isinstance(each, (ast.Return, ast.Raise, ast.Try)) for each in ast.walk(statement)):
            return 0
    return 0


def _exit_of(call: ast.Call) -> int | None:
    """The code of a call that ends the process; None for other calls."""
    if ast.unparse(call.func) not in _EXITS:
        return None
    value = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else 0
    if isinstance(value, int):
        return int(value) & 0xFF
    return 0 if value is None else 1
