"""How an installation is asked: with what, how often, and what becomes of it where it does not answer as it should."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp, cli
from fake_kfp.upstream.installation import BadUpstream, Installation
from fake_kfp.upstream.reading import TRIES, Reader, ReadError
from tests.importer.test_import import imported, populate

RULE = {"user": "ann", "namespace": "team", "verbs": ["*"], "resources": ["*"]}


def refused(fake: FakeKfp, path: Path, *arguments: str) -> int:
    return cli.main(["import", "--from", fake.url, "-o", str(path), *arguments])


def test_a_busy_server_is_asked_again_as_it_wants(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("/apis/*").answers(429, headers={"Retry-After": "7"}, times=1).answers(
        503, "busy", times=2
    )
    pauses: list[float] = []
    reader = Reader(Installation(fake_kfp.url), pauses.append)
    assert reader.get("/apis/v1beta1/healthz")["multi_user"] is False
    assert pauses == [7, 2, 4]
    reader.close()


def test_a_server_that_stays_busy_is_given_up(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("/apis/*").answers(503, "<html>busy</html>")
    pauses: list[float] = []
    with (
        closing(Reader(Installation(fake_kfp.url), pauses.append)) as reader,
        pytest.raises(ReadError, match="GET /apis/v1beta1/runs: 503 <html>busy</html>"),
    ):
        reader.get("/apis/v1beta1/runs")
    assert len(pauses) == TRIES - 1


def test_a_connection_that_breaks_is_made_again(fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("ListRuns*").resets(times=1).cuts(times=1)
    reader = Reader(Installation(fake_kfp.url), lambda seconds: None)
    assert reader.get("/apis/v1beta1/runs") == {}
    reader.close()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": 302, "headers": {"Location": "/login"}}, "leads elsewhere, perhaps to a login"),
        ({"status": 200, "body": "<html>log in</html>"}, "200, and no JSON: <html>log in</html>"),
        ({"status": 401, "body": {"message": "who are you?"}}, "401 who are you?"),
    ],
)
def test_refusals_are_told_at_once(fake_kfp: FakeKfp, answer: dict[str, Any], says: str) -> None:
    fake_kfp.fault("ListRuns*").answers(
        answer["status"], answer.get("body", ""), headers=answer.get("headers")
    )
    with (
        closing(Reader(Installation(fake_kfp.url), lambda seconds: pytest.fail("it waited"))) as reader,
        pytest.raises(ReadError) as caught,
    ):
        reader.get("/apis/v1beta1/runs")
    assert says in str(caught.value)


def test_nobody_is_there() -> None:
    with pytest.raises(ReadError, match=r"http://127\.0\.0\.1:9 does not answer: .*refused"):
        Reader(Installation("http://127.0.0.1:9"), lambda seconds: None).get("/")


@pytest.mark.parametrize(
    "url", ["kfp.example.com", "ftp://x", "https://", "https://x:port", "https://u:p@x", "http://x?a=b"]
)
def test_what_is_no_installation_is_refused(url: str) -> None:
    with pytest.raises(BadUpstream, match="an installation is given as"):
        Installation(url)


def test_certificates_are_verified_unless_told() -> None:
    assert Installation("https://x")._context.check_hostname
    assert not Installation("https://x", verify=False)._context.check_hostname
    with pytest.raises(BadUpstream, match=r"nowhere\.pem holds no certificates"):
        Installation("https://x", ca_file="nowhere.pem").connection()


@pytest.mark.parametrize("way", ["file", "environment", "option", "header"])
def test_a_token_is_shown_and_never_written(
    fake_kfp: FakeKfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, way: str
) -> None:
    fake_kfp.reset(multi_user=True, allow=[RULE], tokens={"s3cret": "ann"}, now="2024-01-01T00:00:00Z")
    fake_kfp.add_experiment("mine", namespace="team")
    fake_kfp.add_run("one", experiment="mine", namespace="team", state="SUCCEEDED")
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    monkeypatch.setenv("FAKE_KFP_TOKEN", "s3cret" if way == "environment" else "")
    ways = {
        "file": ["--token-file", str(token)],
        "option": ["--token", "s3cret"],
        "header": ["--header", "Authorization: Bearer s3cret"],
    }
    seed = imported(fake_kfp, tmp_path / "seed.yaml", "--namespace", "team", *ways.get(way, []))
    assert [each["name"] for each in seed["runs"]] == ["one"]
    assert {call.identity for call in fake_kfp.calls("/apis/*/runs")} == {"ann"}
    said = capsys.readouterr()
    assert "s3cret" not in (tmp_path / "seed.yaml").read_text() + said.out + said.err


def test_a_wrong_token_leaves_nothing(fake_kfp: FakeKfp, tmp_path: Path, capsys: Any) -> None:
    fake_kfp.reset(multi_user=True, allow=[RULE], tokens={"s3cret": "ann"})
    assert refused(fake_kfp, tmp_path / "seed.yaml", "--namespace", "team", "--token", "wr0ng") == 1
    said = capsys.readouterr().err
    assert "401" in said
    assert "wr0ng" not in said
    assert not (tmp_path / "seed.yaml").exists()


def test_nothing_but_reading_is_asked(fake_kfp: FakeKfp, tmp_path: Path) -> None:
    fake_kfp.reset(now="2024-06-01T00:00:00Z", simulation="manual")
    populate(fake_kfp)
    imported(fake_kfp, tmp_path / "seed.yaml")
    assert {call.verb for call in fake_kfp.calls()} == {"GET"}
