"""Pipelines as users write them with kfp 2 of today: what came to the DSL after 2.0, and the settings of Kubernetes."""

from typing import List  # noqa: UP035

from kfp import dsl, kubernetes

from tests.clients_kfp2.pipelines import (
    add_up,
    count,
    double,
    echo,
    flip_coin,
    greet,
    list_numbers,
    tell,
)


@dsl.pipeline(name="branches")
def branches() -> str:
    coin = flip_coin()
    with dsl.If(coin.output == "heads", name="heads"):
        heads = echo(text="it is heads")
    with dsl.Elif(coin.output == "tails", name="tails"):
        tails = echo(text="it is tails")
    with dsl.Else(name="edge"):
        edge = echo(text="it stands on its edge")
    said = dsl.OneOf(heads.output, tails.output, edge.output)
    greet(name=said)
    return said


@dsl.pipeline(name="loop-of-loops")
def loop_of_loops(limit: int = 2):
    """A dynamic loop with a condition on its item, and a loop inside."""
    with dsl.ParallelFor(list_numbers().output, parallelism=2) as number, dsl.If(number > limit):
        double(number=number)
        others = list_numbers().set_caching_options(False)  # else they are those of before
        with dsl.ParallelFor(others.output) as inner:
            double(number=inner)


@dsl.pipeline(name="doubled-numbers")
def doubled_numbers(numbers: List[int]) -> List[int]:  # noqa: UP006
    with dsl.ParallelFor(numbers) as number:
        doubled = double(number=number)
    return dsl.Collected(doubled.output)


@dsl.pipeline(name="collected-inside")
def collected_inside() -> int:
    inner = doubled_numbers(numbers=list_numbers().output)
    return add_up(numbers=inner.output).output


@dsl.pipeline(name="guarded")
def guarded():
    """Everything at once: an exit handler around a loop with a condition."""
    with dsl.ExitHandler(tell(), name="guard"), dsl.ParallelFor([1, 2, 3]) as number:
        doubled = double(number=number)
        with dsl.If(doubled.output > 3):
            greet(times=doubled.output)


@dsl.pipeline(name="on-kubernetes")
def on_kubernetes():
    claim = kubernetes.CreatePVC(
        pvc_name_suffix="-data", access_modes=["ReadWriteOnce"], size="5Gi", storage_class_name="standard"
    )
    task = count().set_retry(1)
    kubernetes.mount_pvc(task, pvc_name=claim.outputs["name"], mount_path="/data")
    kubernetes.use_secret_as_volume(task, secret_name="login", mount_path="/etc/login")
    kubernetes.use_config_map_as_volume(task, config_map_name="settings", mount_path="/etc/settings")
    kubernetes.add_node_selector(task, label_key="disk", label_value="ssd")
    kubernetes.add_toleration(task, key="gpu", operator="Exists", effect="NoSchedule")
    kubernetes.add_pod_label(task, label_key="team", label_value="a")
    kubernetes.add_pod_annotation(task, annotation_key="why", annotation_value="a test")
    kubernetes.set_image_pull_policy(task, "Always")
    kubernetes.set_timeout(task, 60)
    kubernetes.use_field_path_as_env(task, env_name="NODE", field_path="spec.nodeName")
    kubernetes.empty_dir_mount(task, volume_name="scratch", mount_path="/scratch")
    kubernetes.DeletePVC(pvc_name=claim.outputs["name"]).after(task)


@dsl.pipeline(name="with-a-secret")
def with_a_secret():
    task = count()
    kubernetes.use_secret_as_env(task, secret_name="login", secret_key_to_env={"password": "PASSWORD"})


@dsl.pipeline(
    name="with-a-workspace",
    pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi")),
)
def with_a_workspace():
    echo(text=dsl.WORKSPACE_PATH_PLACEHOLDER)
