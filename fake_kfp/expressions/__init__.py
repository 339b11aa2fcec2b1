"""The expression languages and the text substitution that Argo takes from Go libraries.

* ``should_execute`` – ``when`` conditions (govaluate)
* ``evaluate``, ``evaluate_bool``, ``function_env`` – expr-lang, with the environment Argo adds
* ``Template``, ``substitute``, ``tags``, ``resolve_variable`` – ``{{tags}}`` in JSON texts; ``substitute_data`` – in data, which is quicker
* ``parse_json_list``, ``Item`` – the items of loops, in the form in which Argo prints them
* ``parse_duration``, ``humanize_duration`` – durations, in seconds

Everything that goes wrong is a ``GoError`` whose text is the one of the Go library.
"""

from fake_kfp.expressions.durations import humanize_duration, parse_duration
from fake_kfp.expressions.expr import evaluate, evaluate_bool
from fake_kfp.expressions.functions import function_env
from fake_kfp.expressions.govaluate import should_execute
from fake_kfp.expressions.items import Item, parse_json_list
from fake_kfp.expressions.tagged_data import NotPlain, Prepared, substitute_data
from fake_kfp.expressions.templating import Template, resolve_variable, substitute, tags

__all__ = [
    "Item",
    "NotPlain",
    "Prepared",
    "Template",
    "evaluate",
    "evaluate_bool",
    "function_env",
    "humanize_duration",
    "parse_duration",
    "parse_json_list",
    "resolve_variable",
    "should_execute",
    "substitute",
    "substitute_data",
    "tags",
]
