"""How bodies, queries and headers become messages and callers, and how replies come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.api.descriptors import message_class
from fake_kfp.errors import Code, KfpError, resource_not_found, unauthenticated

EXPERIMENTS = "/apis/v1beta1/experiments"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("body", ["", "   ", "\n\t\n", "{}"])
def test_a_blank_body_is_an_empty_message_that_is_there(door: Any, body: str) -> None:
    _, request = door.asked("POST", EXPERIMENTS, body)
    assert request.HasField("experiment")
    assert not request.experiment.ListFields()


@pytest.mark.parametrize("rest", [" junk", '{"name":"c"}', ",", "\n\n", "]"])
def test_only_the_first_value_of_a_body_counts(door: Any, rest: str) -> None:
    assert door.asked("POST", EXPERIMENTS, '  {"name":"a"}' + rest)[1].experiment.name == "a"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "unexpected EOF"),
        ('{"nam":', "unexpected EOF"),
        ('{"name":}', "invalid character '}' looking for beginning of value"),
        ("{'name':'x'}", "invalid character '\\'' looking for beginning of object key string"),
        ('{"nam":"x",}', "invalid character '}' looking for beginning of object key string"),
        ("nope", "invalid character 'o' in literal null (expecting 'u')"),
        ('{"name":"a" "b"}', "invalid character '\"' after object key:value pair"),
        ('{"name" "x"}', "invalid character '\"' after object key"),
        ('{"name":01}', "invalid character '1' after object key:value pair"),
        ('{"storage_state":1e}', "invalid character '}' in exponent of numeric literal"),
        ('{"name":"\\x41"}', "invalid character 'x' in string escape code"),
        ('{"name":"a\tb"}', "invalid character '\\t' in string literal"),
        (b"\xef\xbb\xbf{}", "invalid character 'ï' looking for beginning of value"),
        (b"{\xff}", "invalid character 'ÿ' looking for beginning of object key string"),
        ('{"name":"\\ud83d"}', "proto: unexpected EOF"),
        ('\n {"nam":1}', 'proto: (line 1:2): unknown field "nam"'),
        ("5 x", "proto: syntax error (line 1:1): unexpected token 5"),
        ("[" * 10001, "invalid character '[' exceeded max depth"),
    ],
)
def test_syntax_is_checked_before_fields(door: Any, body: bytes | str, message: str) -> None:
    assert door.refusal("POST", EXPERIMENTS, body) == (400, 3, message)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('"x\\u00e9\\ud800"', "xé\ufffd"),
        (b'"\xff" junk', "\ufffd"),
        ("null", ""),
        ("", ""),
        (" ", ""),
        ('""', ""),
    ],
)
def test_a_body_may_be_a_string(door: Any, body: bytes | str, text: str) -> None:
    assert door.asked("POST", "/apis/v1beta1/workflows", body)[1].workflow == text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "json: cannot unmarshal object into Go value of type string"),
        ("[1]", "json: cannot unmarshal array into Go value of type string"),
        ("5", "json: cannot unmarshal number into Go value of type string"),
        ("false", "json: cannot unmarshal bool into Go value of type string"),
        ("{", "unexpected EOF"),
        ("nojson", "invalid character 'o' in literal null (expecting 'u')"),
    ],
)
def test_a_string_body_is_nothing_else(door: Any, body: str, message: str) -> None:
    assert door.refusal("POST", "/apis/v1beta1/workflows", body) == (400, 3, message)


def test_the_path_beats_body_and_query(door: Any) -> None:
    target = "/apis/v1beta1/runs/mine:reportMetrics?run_id=query"
    assert door.asked("POST", target, '{"run_id":"body"}')[1].run_id == "mine"


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/a"), ("DELETE", "/a"), ("POST", "/a:archive")],
)
def test_a_body_that_nobody_asked_for_is_ignored(door: Any, method: str, target: str) -> None:
    assert door.asked(method, EXPERIMENTS + target + "?id=other&x=%zz", "not json")[1].id == "a"


def test_the_query_is_not_read_where_the_body_is_everything(door: Any) -> None:
    assert (
        door.asked("POST", EXPERIMENTS + "?page_size=abc&foo=%zz", '{"name":"b"}')[1].experiment.name == "b"
    )


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("page_size=5&sort_by=name+desc", {"page_size": 5, "sort_by": "name desc"}),
        ("pageSize=010&sortBy=a%2Bb%20c", {"page_size": 10, "sort_by": "a+b c"}),
        ("page_size=%2B5", {"page_size": 5}),
        ("page_size=-0&foo=1&&=1", {}),
        ("page_Size=1&PageSize=1", {}),
        ("filter=%25&filter2", {"filter": "%"}),
    ],
)
def test_a_query_fills_the_fields_it_names(door: Any, query: str, fields: dict[str, Any]) -> None:
    request = door.asked("GET", f"{EXPERIMENTS}?{query}")[1]
    assert {field.name: value for field, value in request.ListFields()} == fields


@pytest.mark.parametrize(
    "name", ["%FE", "resource_re%FEference_key.id", "resource_reference_key.%C3", "n%C3%A9"]
)
def test_no_field_has_a_name_that_is_no_ascii(door: Any, name: str) -> None:
    _, request = door.asked("GET", f"{EXPERIMENTS}?{name}=1&page_size=3")
    assert request.page_size == 3


@pytest.mark.parametrize(
    ("query", "kind", "key"),
    [
        ("type=NAMESPACE&resource_reference_key.id=n", 5, "n"),
        ("type=05", 5, ""),
        ("bogus=1", 0, ""),
    ],
)
def test_a_query_reaches_into_messages(door: Any, query: str, kind: int, key: str) -> None:
    request = door.asked("GET", f"{EXPERIMENTS}?resource_reference_key.{query}")[1]
    assert request.HasField("resource_reference_key")
    assert (request.resource_reference_key.type, request.resource_reference_key.id) == (kind, key)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("page_size=abc", 'parsing field "page_size": strconv.ParseInt: parsing "abc": invalid syntax'),
        ("page_size=", 'parsing field "page_size": strconv.ParseInt: parsing "": invalid syntax'),
        ("page_size=1_0", 'parsing field "page_size": strconv.ParseInt: parsing "1_0": invalid syntax'),
        ("page_size=5%00", 'parsing field "page_size": strconv.ParseInt: parsing "5\\x00": invalid syntax'),
        (
            "page_size=2147483648",
            'parsing field "page_size": strconv.ParseInt: parsing "2147483648": value out of range',
        ),
        (
            "page_size=" + "9" * 5000,
            f'parsing field "page_size": strconv.ParseInt: parsing "{"9" * 5000}": value out of range',
        ),
        ("page_size=1&page_size=1", 'too many values for field "page_size": 1, 1'),
        ("page_size.x=1", 'invalid path: "page_size" is not a message'),
        ("resource_reference_key.type=namespace", 'parsing field "type": "namespace" is not a valid value'),
        ("resource_reference_key.type=99", 'parsing field "type": "99" is not a valid value'),
        ("resource_reference_key.type=", 'parsing field "type": "" is not a valid value'),
        ("resource_reference_key.type.x=1", 'invalid path: "type" is not a message'),
        (
            "resource_reference_key=x",
            'parsing field "resource_reference_key": unsupported message type: "api.ResourceKey"',
        ),
        (
            "resource_reference_key[type]=NAMESPACE",
            'too many values for field "resource_reference_key": type, NAMESPACE',
        ),
        ("filter=%zz", 'invalid URL escape "%zz"'),
        ("a;b", "invalid semicolon separator in query"),
    ],
)
def test_a_bad_query_is_told_in_gos_words(door: Any, query: str, message: str) -> None:
    assert door.refusal("GET", f"{EXPERIMENTS}?{query}") == (400, 3, message)


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("T", True), ("0", False)])
def test_booleans_in_a_query(door: Any, text: str, flag: bool) -> None:
    assert door.asked("DELETE", f"/apis/v2beta1/pipelines/p?cascade={text}")[1].cascade is flag
    assert door.refusal("DELETE", "/apis/v2beta1/pipelines/p?cascade=yes")[2] == (
        'parsing field "cascade": strconv.ParseBool: parsing "yes": invalid syntax'
    )


@pytest.mark.parametrize("target", [EXPERIMENTS + "/%ff", EXPERIMENTS + "?filter=%ff"])
def test_what_is_no_utf_8_can_not_be_passed_on(door: Any, target: str) -> None:
    message = "grpc: error while marshaling: string field contains invalid UTF-8"
    assert door.refusal("GET", target) == (500, 13, message)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/grpc", "multipart/form-data", "bogus", FORM]
)
def test_the_content_type_says_nothing(door: Any, content_type: str) -> None:
    assert (
        door.asked("POST", EXPERIMENTS, '{"name":"n"}', Content_Type=content_type)[1].experiment.name == "n"
    )


def test_a_posted_form_stands_for_a_get(door: Any) -> None:
    form = "namespace=ns&resources=VIEWERS&verb=GET"
    name, request = door.asked("POST", "/apis/v1beta1/auth", form, Content_Type=FORM)
    assert (name, request.namespace, request.verb) == ("AuthorizeV1", "ns", 2)
    both = door.refusal("POST", "/apis/v1beta1/auth?namespace=q", form, Content_Type=FORM)
    assert both == (400, 3, 'too many values for field "namespace": ns, q')
    other = door.refusal("POST", "/apis/v1beta1/auth", form, Content_Type=FORM + "; charset=utf-8")
    assert other == (501, 12, "Method Not Allowed")


def test_a_posted_form_may_name_another_method(door: Any) -> None:
    headers = {"X_HTTP_Method_Override": "delete"}
    assert door.asked("POST", EXPERIMENTS + "/a", Content_Type=FORM, **headers)[0] == "DeleteExperimentV1"
    assert door.refusal("POST", EXPERIMENTS + "/a", **headers)[0] == 501
    assert door.asked("GET", EXPERIMENTS + "/a", **headers)[0] == "GetExperimentV1"


def test_only_identity_and_authorization_reach_the_services(door: Any) -> None:
    door.send(
        "GET",
        EXPERIMENTS,
        KubeFlow_UserId="alice",
        Authorization="Bearer t",
        Grpc_Metadata_Foo="x",
        Cookie="y",
    )
    caller = door.calls[-1][2]
    assert caller.headers == {"kubeflow-userid": ("alice",), "authorization": ("Bearer t",)}


def test_a_name_that_grpc_can_not_carry_is_no_identity(door: Any) -> None:
    door.send("GET", EXPERIMENTS, kubeflow_userid="jürgen")
    assert door.calls[-1][2].headers == {}
    assert door.refusal("GET", EXPERIMENTS, Authorization="Bearer ü")[:2] == (500, 13)


@pytest.mark.parametrize(
    ("timeout", "answer"),
    [
        ("bogus", (400, 3, "invalid grpc-timeout: bogus")),
        ("5", (400, 3, "invalid grpc-timeout: 5")),
        ("-1S", (504, 4, "context deadline exceeded")),
        ("10n", (504, 4, "context deadline exceeded")),
    ],
)
def test_a_timeout_that_can_not_be_met_is_refused(
    door: Any, timeout: str, answer: tuple[int, int, str]
) -> None:
    assert door.refusal("GET", EXPERIMENTS, Grpc_Timeout=timeout) == answer


@pytest.mark.parametrize("timeout", ["10S", "0n", "1H"])
def test_a_timeout_of_some_length_is_met(door: Any, timeout: str) -> None:
    assert door.send("GET", EXPERIMENTS, Grpc_Timeout=timeout).status == 200


def test_replies_are_json_with_the_original_names(door: Any) -> None:
    reply: Any = message_class("api.Experiment")(name="<é>", storage_state=1)
    reply.created_at.seconds = 60
    door.answers["GetExperimentV1"] = lambda request: reply
    response = door.send("GET", EXPERIMENTS + "/a", Accept="text/html")
    assert response.content_type == "application/json"
    assert response.body.decode() == (
        '{"name":"<é>","created_at":"1970-01-01T00:01:00Z","storage_state":"STORAGESTATE_AVAILABLE"}'
    )


def refusing(error: Exception) -> Any:
    def answer(request: Any) -> Any:
        raise error

    return answer


def test_refusals_carry_one_detail(door: Any) -> None:
    door.answers["GetRunV1"] = refusing(resource_not_found("Run", "x").wrapped("Failed to get a run"))
    response = door.send("GET", "/apis/v1beta1/runs/x")
    assert response.status == 404
    assert json.loads(response.body) == {
        "code": 5,
        "message": "Failed to get a run: ResourceNotFoundError: Run x not found",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.Status", "code": 5, "message": "Run x not found"}
        ],
    }


def test_who_is_unknown_is_told_how_to_say_it(door: Any) -> None:
    door.answers["GetRunV1"] = refusing(unauthenticated("no header", "who are you"))
    response = door.send("GET", "/apis/v1beta1/runs/x")
    assert response.status == 401
    assert dict(response.headers)["Www-Authenticate"] == "Unauthenticated: who are you: no header"


def test_a_reply_without_json_form_is_an_unknown_error(door: Any) -> None:
    reply: Any = message_class("api.RunDetail")()
    reply.run.pipeline_spec.runtime_config.parameters["a"].SetInParent()
    door.answers["GetRunV1"] = lambda request: reply
    message = "proto: google.protobuf.Value: none of the oneof fields is set"
    assert door.refusal("GET", "/apis/v1beta1/runs/x") == (500, 2, message)


def test_a_slip_of_the_fake_is_owned_up_to(door: Any) -> None:
    door.answers["GetRunV1"] = refusing(ZeroDivisionError("a slip of ours"))
    response = door.send("GET", "/apis/v1beta1/runs/x")
    assert response.status == 500
    assert json.loads(response.body)["message"].startswith("fake_kfp: ")


def test_a_refusal_without_detail_has_none(door: Any) -> None:
    door.answers["GetRunV1"] = refusing(KfpError(Code.UNAVAILABLE, "nobody home", None))
    assert door.refusal("GET", "/apis/v1beta1/runs/x") == (503, 14, "nobody home")
