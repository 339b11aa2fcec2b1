"""Multi-user mode: who a caller is, and what the rules let him do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.access import Access, Rule
from fake_kfp.services.auth.caller import Caller

ALICE = Rule("alice", "ns", frozenset({"get", "list"}), frozenset({"runs"}))
TOKENS = {"secret": "alice", "nameless": ""}
NO_HEADER = "Unauthenticated: Request header error: there is no user identity header."
NO_HEADER_TWICE = f"{NO_HEADER}: Request header error: there is no user identity header."


def access(*rules: Rule) -> Access:
    return Access(multi_user=True, rules=rules or (ALICE,), tokens=TOKENS)


def caller(**headers: str | tuple[str, ...]) -> Caller:
    return Caller({name: (value,) if isinstance(value, str) else value for name, value in headers.items()})


def named(name: str) -> Caller:
    return Caller({"kubeflow-userid": (name,)})


def refusal(
    by: Access, who: Caller, verb: str = "get", resource: str = "runs", namespace: str = "ns"
) -> KfpError:
    with pytest.raises(KfpError) as caught:
        by.require(who, verb, resource, namespace)
    return caught.value


def test_in_single_user_mode_nobody_is_asked_who_he_is() -> None:
    nobody = Caller()
    Access().require(nobody, "delete", "runs", "ns")
    assert nobody.asked


def test_the_header_names_the_user() -> None:
    access().require(named("alice"), "get", "runs", "ns")


def test_a_token_names_the_user_where_no_header_does() -> None:
    access().require(caller(authorization="Bearer secret"), "get", "runs", "ns")


def test_the_header_beats_the_token() -> None:
    both = Caller({"kubeflow-userid": ("bob",), "authorization": ("Bearer secret",)})
    assert "User 'bob' is not authorized" in refusal(access(), both).message


def test_the_header_is_the_one_that_the_deployment_says() -> None:
    by = Access(True, [ALICE], identity_header="X-User")
    by.require(Caller({"x-user": ("alice",)}), "get", "runs", "ns")
    assert refusal(by, named("alice")).code is Code.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (caller(), NO_HEADER_TWICE),
        (
            caller(authorization="Bearer wrong"),
            f"[{NO_HEADER_TWICE}, Authentication failure: Unauthenticated: Review.Status.Authenticated is false. Error"
            " Unauthenticated: Failed to authenticate token review]",
        ),
        (
            caller(authorization="bearer secret"),
            f"[{NO_HEADER_TWICE}, BadRequestError: Header 'Authorization' is incorrectly formatted. Expected prefix"
            " 'Bearer ': Header 'Authorization' is incorrectly formatted. Expected prefix 'Bearer ']",
        ),
        (
            Caller({"kubeflow-userid": ("alice", "alice")}),
            "[BadRequestError: Request header error: unexpected number of 'kubeflow-userid' headers. Expect 1 got 2:"
            " Request header error: unexpected number of 'kubeflow-userid' headers. Expect 1 got 2,"
            f" {NO_HEADER_TWICE}]",
        ),
        (caller(authorization="Bearer nameless"), NO_HEADER_TWICE),
    ],
)
def test_who_has_no_name_is_told_why(who: Caller, reason: str) -> None:
    error = refusal(access(), who)
    text = "Failed to check authorization. User identity is empty in the request header"
    assert error.code is Code.UNAUTHENTICATED
    assert error.message == f"Unauthenticated: {text}: {reason}"
    assert error.detail == text


def test_an_empty_header_is_no_name_and_no_token_is_looked_at() -> None:
    who = Caller({"kubeflow-userid": ("",), "authorization": ("Bearer secret",)})
    assert refusal(access(), who).code is Code.UNAUTHENTICATED


def test_a_right_that_is_lacking_is_named_as_kubernetes_prints_it() -> None:
    with pytest.raises(KfpError) as caught:
        access().require(named("alice"), "delete", "runs", "ns", "one-abcde")
    detail = (
        "User 'alice' is not authorized with reason:  (request: &ResourceAttributes{Namespace:ns,Verb:delete,"
        "Group:pipelines.kubeflow.org,Version:v1beta1,Resource:runs,Subresource:,Name:one-abcde,FieldSelector:nil,"
        "LabelSelector:nil,})"
    )
    assert caught.value.code is Code.PERMISSION_DENIED
    assert caught.value.message == f"PermissionDenied: {detail}: Unauthorized access"
    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("resource", "group"), [("viewers", "kubeflow.org"), ("jobs", "pipelines.kubeflow.org"), ("7", "")]
)
def test_each_resource_has_its_group(resource: str, group: str) -> None:
    assert f"Group:{group},Version" in refusal(access(), named("alice"), "get", resource).message


@pytest.mark.parametrize(
    ("verb", "resource", "namespace"),
    [("Get", "runs", "ns"), ("get", "run", "ns"), ("get", "runs", "NS"), ("get", "runs", "")],
)
def test_rules_match_exactly(verb: str, resource: str, namespace: str) -> None:
    assert refusal(access(), named("alice"), verb, resource, namespace).code is Code.PERMISSION_DENIED


def test_a_star_stands_for_all_verbs_resources_or_namespaces() -> None:
    everything = Rule("root", "*", frozenset("*"), frozenset("*"))
    access(everything).require(named("root"), "report", "workflows", "")


def test_a_rule_is_read_from_json() -> None:
    rule = {"user": "alice", "namespace": "ns", "verbs": ["get", "list"], "resources": ["runs"]}
    assert Rule.from_json(rule) == ALICE
    with pytest.raises(ValueError, match="verbs must be a list"):
        Rule.from_json({**rule, "verbs": "*"})


VERBS = RESOURCES = NAMESPACES = st.sampled_from("abc")
RULES = st.builds(
    Rule,
    user=st.sampled_from(["u", "v"]),
    namespace=st.sampled_from("abc*"),
    verbs=st.frozensets(st.sampled_from("abc*"), max_size=2),
    resources=st.frozensets(st.sampled_from("abc*"), max_size=2),
)


@given(st.lists(RULES, max_size=4), VERBS, RESOURCES, NAMESPACES)
def test_a_user_s_rules_add_up_and_those_of_others_do_not_count(
    rules: list[Rule], verb: str, resource: str, namespace: str
) -> None:
    def allows(*some: Rule) -> bool:
        try:
            Access(True, some).require(named("u"), verb, resource, namespace)
        except KfpError:
            return False
        return True

    assert allows(*rules) == any(allows(rule) for rule in rules)
    assert allows(*rules) == allows(*[rule for rule in rules if rule.user == "u"])
