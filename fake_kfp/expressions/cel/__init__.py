"""CEL, the language of conditions in v2 pipelines: github.com/google/cel-go as the drivers use it.

``compile_expression`` parses and checks, ``Program.evaluate`` gives the value. What pipelines never say (comprehensions, messages as
literals, durations and timestamps) is not here, and answers so.
"""

from __future__ import annotations

from fake_kfp.expressions.cel.program import Program, compile_expression
from fake_kfp.expressions.cel.values import CelError, Message, from_json, to_json

__all__ = ["CelError", "Message", "Program", "compile_expression", "from_json", "to_json"]
