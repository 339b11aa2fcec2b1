"""Patches of which most is written once are those that are written anew."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.json_text import dumps
from fake_kfp.ir.drivers.inputs import Inputs
from fake_kfp.ir.drivers.options import read_options
from fake_kfp.ir.drivers.outputs import ExecutorInput
from fake_kfp.ir.drivers.patches import shared_patch
from fake_kfp.ir.drivers.pod_spec import handed_on, launcher, pod_spec
from fake_kfp.ir.drivers.task_config import TaskConfig
from fake_kfp.versions.drivers import DRIVERS_2_14, DRIVERS_2_15, DRIVERS_2_17

TEXTS = st.text(max_size=6) | st.sampled_from(
    ['"', "\\", "<&>\u2028", "\ue000", '"\ue000"', "1.0", "1e-05", "é😀", "{{$.x}}"]
)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=5,
)
CONTAINERS = st.fixed_dictionaries(
    {"image": TEXTS},
    optional={
        "command": st.lists(TEXTS, max_size=2),
        "args": st.lists(TEXTS, max_size=2),
        "env": st.lists(st.fixed_dictionaries({"name": TEXTS, "value": TEXTS}), max_size=2),
        "resources": st.sampled_from([{"cpuLimit": 0.5, "memoryLimit": 2.0}, {"cpuRequest": 1e-7}]),
    },
)
COMPONENTS = st.fixed_dictionaries(
    {"executorLabel": TEXTS},
    optional={"taskConfigPassthroughs": st.sampled_from([[{"field": "ENV"}], [{"field": "RESOURCES"}]])},
)
FLAGS = st.fixed_dictionaries(
    {"pipeline_name": TEXTS, "run_id": TEXTS},
    optional={
        "log_level": st.sampled_from(["1", "3"]),
        "publish_logs": st.sampled_from(["true", "false"]),
        "mlmd_server_address": TEXTS,
        "ca_cert_path": TEXTS,
    },
)


@given(
    CONTAINERS,
    COMPONENTS,
    FLAGS,
    st.dictionaries(TEXTS, VALUES, max_size=3),
    st.sampled_from([DRIVERS_2_14, DRIVERS_2_15, DRIVERS_2_17]),
    st.sampled_from([[], [{"name": "http_proxy", "value": "<p>"}]]),
    st.booleans(),
)
def test_patches_are_the_same_however_they_are_written(
    container: Any, component: Any, flags: Any, parameters: Any, release: Any, proxies: Any, trusting: bool
) -> None:
    arguments = [f"--{name}={value}" for name, value in flags.items()]
    arguments += [f"--container={json.dumps(container, ensure_ascii=False)}"]
    arguments += [f"--component={json.dumps(component, ensure_ascii=False)}"]
    arguments += ["--metadata_tls_enabled"] if trusting else []
    options = read_options(arguments, "kubeflow")
    given_text = ExecutorInput(Inputs(parameters), {"outputFile": "o"}).to_json()
    config = TaskConfig(options, passing=release.passes_configs)
    command = launcher(options, given_text, "7", handed_on(options, release.told))
    plain = dumps(pod_spec(options, Inputs(parameters), command, proxies, config))
    for _ in range(2):
        assert shared_patch(options, given_text, 7, proxies, release) in (plain, None)
    if "\ue000" not in "".join(arguments):
        assert shared_patch(options, given_text, 7, proxies, release) == plain


def test_a_patch_that_takes_an_input_is_not_shared() -> None:
    container = {"image": "{{$.inputs.parameters['image']}}"}
    options = read_options([f"--container={json.dumps(container)}"], "kubeflow")
    assert shared_patch(options, "{}", 1, [], DRIVERS_2_14) is None
