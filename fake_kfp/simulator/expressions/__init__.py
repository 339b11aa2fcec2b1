"""The expression languages and the text substitution that Argo takes from Go libraries.

* ``should_execute`` – ``when`` conditions (govaluate)
* ``evaluate``, ``evaluate_bool``, ``function_env`` – expr-lang, with the environment Argo adds
* ``Template``, ``substitute``, ``tags``, ``resolve_variable`` – ``{{tags}}`` in JSON texts
* ``format_value``, ``quote``, ``sprintf``, ``parse_json_list`` – Go's formatting and JSON
* ``parse_duration``, ``humanize_duration`` – durations, in seconds

Everything that goes wrong is an ``ExpressionError`` whose text is the one of the Go library.
"""

from fake_kfp.golang.quoting import quote
from fake_kfp.simulator.expressions.durations import humanize_duration, parse_duration
from fake_kfp.simulator.expressions.errors import ExpressionError
from fake_kfp.simulator.expressions.expr_lang import evaluate, evaluate_bool
from fake_kfp.simulator.expressions.functions import function_env
from fake_kfp.simulator.expressions.gofmt import format_value, sprintf
from fake_kfp.simulator.expressions.gojson import marshal
from fake_kfp.simulator.expressions.govaluate import should_execute
from fake_kfp.simulator.expressions.items import Item, parse_json_list
from fake_kfp.simulator.expressions.templating import Template, resolve_variable, substitute, tags
from fake_kfp.simulator.expressions.values import GoStruct

__all__ = [
    "ExpressionError",
    "GoStruct",
    "Item",
    "Template",
    "evaluate",
    "evaluate_bool",
    "format_value",
    "function_env",
    "humanize_duration",
    "marshal",
    "parse_duration",
    "parse_json_list",
    "quote",
    "resolve_variable",
    "should_execute",
    "sprintf",
    "substitute",
    "tags",
]
