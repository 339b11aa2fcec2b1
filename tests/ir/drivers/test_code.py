"""What is told of a task's code without running it."""

from __future__ import annotations

import pytest

from fake_kfp.ir.launcher.code import sure_exit_code
from tests.ir.drivers.conftest import Stage
from tests.ir.drivers.pipelines import container, pipeline, task

HEAD = "import kfp\nfrom kfp import dsl\n\n"


def command(body: str) -> list[str]:
    """The command of a component of the SDK whose function has this body."""
    source = HEAD + "def work(x: str):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    return [
        "sh",
        "-ec",
        'printf "%s" "$0"',
        source,
        "--executor_input",
        "{{$}}",
        "--function_to_execute",
        "work",
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("import sys\nprint(x)\nsys.exit(3)", 3),
        ("raise RuntimeError('on purpose')", 1),
        ("import sys\nsys.exit('no good')", 1),
        ("print(x)", 0),
        ("import sys\nsys.exit(0)\nraise ValueError", 0),
        ("import sys\nsys.exit()", 0),
        ("return x\nraise ValueError", 0),
        ("if x:\n    return x\nraise ValueError", 0),
        ("if x:\n    raise ValueError", 0),
        ("try:\n    raise ValueError\nexcept ValueError:\n    pass", 0),
        ("exec('raise ValueError')", 0),
        ("this is no Python", 0),
    ],
)
def test_only_what_is_sure_to_fail_is_told_to_fail(body: str, code: int) -> None:
    assert sure_exit_code(command(body)) == code


@pytest.mark.parametrize("other", [[], ["sh", "-c", "exit 1"], ["--function_to_execute"]])
def test_other_containers_may_well_succeed(other: list[str]) -> None:
    assert sure_exit_code(other) == 0


def test_a_task_whose_code_always_fails_fails_unless_it_is_told_otherwise(stage: Stage) -> None:
    spec = pipeline({"work": task("comp-work")}, {"comp-work": container()})
    spec["deploymentSpec"]["executors"]["exec-0"]["container"] = {
        "image": "python",
        "command": command("import sys\nsys.exit(1)"),
    }
    assert stage.play(spec).state == "FAILED"
    stage.task("work").succeeds()
    assert stage.play(spec).state == "SUCCEEDED"
