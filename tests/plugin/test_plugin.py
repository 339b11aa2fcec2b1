"""The pytest plugin, in test suites of other people."""

from __future__ import annotations

import pytest

import fake_kfp.server

pytest_plugins = ["pytester"]

HELPERS = """
    import json
    import urllib.request

    MANIFEST = json.dumps({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "w-"},
        "spec": {"entrypoint": "m", "templates": [{"name": "m", "container": {"image": "i", "command": ["c"]}}]},
    })

    def create(fake):
        body = json.dumps({"name": "r", "pipeline_spec": {"workflow_manifest": MANIFEST}}).encode()
        urllib.request.urlopen(fake.url + "/apis/v1beta1/runs", body).close()

    def count(fake):
        with urllib.request.urlopen(fake.url + "/apis/v1beta1/runs") as reply:
            return len(json.load(reply).get("runs", ()))
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty suite with a helper module and this plugin alone; what else is installed here would slow it down."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = "-p pytest_fake_kfp -p pytest_fake_kfp_conformance"
    pytester.makepyfile(helpers=HELPERS)
    pytester.makeini(f"[pytest]\naddopts = {plugins}\npythonpath = .\nfilterwarnings = error\n")
    return pytester


def test_collecting_loads_pytest_and_the_standard_library_only(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        import sys

        def pytest_unconfigure(config):
            heavy = {"grpc", "google.protobuf", "yaml", "sortedcontainers", "fake_kfp", "hypothesis"}
            print("loaded:", sorted(heavy & set(sys.modules)))
        """
    )
    suite.makepyfile("def test_nothing(fake_kfp): pass")
    result = suite.runpytest_subprocess("--collect-only")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*test_nothing*", "loaded: []"])


def test_a_suite_that_does_not_use_the_fixtures_pays_nothing(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import sys

        def test_nothing():
            assert not {"grpc", "fake_kfp"} & set(sys.modules)
        """
    )
    suite.runpytest_subprocess().assert_outcomes(passed=1)


def test_every_test_has_a_fresh_world_on_one_server(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from helpers import count, create

        URLS = set()

        @pytest.mark.parametrize("turn", range(3))
        def test_turn(fake_kfp, turn):
            assert count(fake_kfp) == 0
            create(fake_kfp)
            assert count(fake_kfp) == 1
            URLS.add(fake_kfp.url)
            assert len(URLS) == 1
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=3)


def test_options_are_overridden_where_pytest_looks_for_fixtures(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        import pytest

        @pytest.fixture
        def fake_kfp_options():
            return {"simulation": "clocked", "now": "2024-01-01T00:00:00Z"}
        """
    )
    suite.makepyfile(
        test_plain="""
        def test_conftest(fake_kfp):
            assert fake_kfp.clock.now().year == 2024
        """,
        test_module="""
        import pytest

        @pytest.fixture
        def fake_kfp_options(fake_kfp_options):
            return {**fake_kfp_options, "now": "2030-01-01T00:00:00Z"}

        def test_module(fake_kfp):
            assert fake_kfp.clock.now().year == 2030
        """,
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)


def test_a_wrong_option_fails_the_test_and_says_why(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        @pytest.fixture
        def fake_kfp_options():
            return {"simulation": "hasty"}

        def test_nothing(fake_kfp):
            pass
        """
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*OptionError: simulation is one of instant, clocked, manual, not 'hasty'"])


def test_the_factory_starts_servers_that_stop_with_the_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from helpers import count, create

        MADE = []

        def test_first(fake_kfp, fake_kfp_factory):
            one, other = fake_kfp_factory(), fake_kfp_factory(simulation="manual")
            create(one)
            assert (count(fake_kfp), count(one), count(other)) == (0, 1, 0)
            assert len({fake_kfp.url, one.url, other.url}) == 3
            MADE.extend([one, other])

        def test_second():
            for fake in MADE:
                with pytest.raises(RuntimeError):
                    fake.url
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)


def test_what_is_said_in_vain_to_a_further_server_fails_the_test_too(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_in_vain(fake_kfp_factory):
            fake_kfp_factory().fault("GetRun").fails("UNAVAILABLE")

        def test_optional(fake_kfp_factory):
            fake_kfp_factory().fault("GetRun", optional=True).fails("UNAVAILABLE")
        """
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["fake_kfp: this test said something in vain:"])


def test_the_endpoint_is_in_the_environment_for_one_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import os

        def test_with(fake_kfp, fake_kfp_endpoint):
            assert os.environ["KF_PIPELINES_ENDPOINT"] == fake_kfp_endpoint == fake_kfp.url

        def test_without(fake_kfp):
            assert "KF_PIPELINES_ENDPOINT" not in os.environ
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)


def test_a_test_that_stops_the_server_takes_it_from_nobody(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from helpers import count

        @pytest.mark.parametrize("turn", range(2))
        def test_turn(fake_kfp, turn):
            assert count(fake_kfp) == 0
            fake_kfp.stop()
        """
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)


def test_workers_have_a_server_each(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import os
        import pathlib
        import pytest
        from helpers import count, create

        @pytest.mark.parametrize("turn", range(12))
        def test_turn(fake_kfp, turn):
            pathlib.Path(f"{os.environ['PYTEST_XDIST_WORKER']}-{fake_kfp.url.rpartition(':')[2]}.url").touch()
            assert count(fake_kfp) == 0
            create(fake_kfp)
            assert count(fake_kfp) == 1
        """
    )
    suite.runpytest_subprocess("-p", "xdist", "-n", "2").assert_outcomes(passed=12)
    workers = [path.stem.partition("-") for path in suite.path.glob("*.url")]
    assert {worker for worker, _, _ in workers} == {"gw0", "gw1"}
    assert len({port for _, _, port in workers}) == len(workers) == 2


FAILING = """
    from helpers import create

    def test_one(fake_kfp):
        for _ in range(3):
            create(fake_kfp)
        assert False
"""


def test_the_report_of_a_failed_test_ends_with_what_the_server_saw(suite: pytest.Pytester) -> None:
    suite.makepyfile(FAILING + "\n    def test_two(fake_kfp):\n        pass\n")
    result = suite.runpytest_inprocess()
    result.assert_outcomes(failed=1, passed=1)
    lines = [
        "*calls that fake_kfp saw*",
        *(f"#{n} REST POST /apis/v1beta1/runs (CreateRunV1): OK 200" for n in (1, 2, 3)),
    ]
    result.stdout.fnmatch_lines(lines, consecutive=True)


@pytest.mark.parametrize(("shown", "lines"), [(0, 0), (1, 1)])
def test_how_much_of_it_is_an_option(suite: pytest.Pytester, shown: int, lines: int) -> None:
    suite.makepyfile(FAILING)
    result = suite.runpytest_inprocess("-o", f"fake_kfp_journal={shown}")
    text = result.stdout.str()
    assert text.count("(CreateRunV1)") == lines
    assert ("2 earlier calls" in text) is bool(shown)


SAID_IN_VAIN = """
    from helpers import create

    def test_one(fake_kfp):
        fake_kfp.task("mian").fails()
        create(fake_kfp)

    def test_fault(fake_kfp_endpoint, fake_kfp):
        fake_kfp.fault("GetRun*").fails("ABORTED")

    def test_fine(fake_kfp):
        fake_kfp.task("nobody", optional=True).fails()
        fake_kfp.fault("GetRun*", optional=True).fails("ABORTED")
        fake_kfp.task("m").fails()
        create(fake_kfp)
"""


def test_what_is_said_in_vain_fails_a_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(SAID_IN_VAIN)
    result = suite.runpytest_inprocess()
    result.assert_outcomes(failed=2, passed=1)
    text = result.stdout.str()
    assert "'mian' fitted no task; there were: m" in text or "'mian' fitted no task; there were: w-" in text
    assert "the fault of 'GetRun*' met no call" in text


def test_it_may_be_allowed(suite: pytest.Pytester) -> None:
    suite.makepyfile(SAID_IN_VAIN)
    suite.runpytest_inprocess("-o", "fake_kfp_allow_unused=true").assert_outcomes(passed=3)


def test_a_mark_says_options(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.fake_kfp(now="2024-01-01T00:00:00Z", simulation="manual")

        @pytest.fixture
        def fake_kfp_options():
            return {"now": "2020-01-01T00:00:00Z", "service_account": "robot"}

        @pytest.mark.fake_kfp(simulation="clocked")
        def test_options(fake_kfp):
            options = fake_kfp.deployment.options
            assert (options.simulation.value, options.now.year, options.service_account) == ("clocked", 2024, "robot")

        @pytest.mark.fake_kfp("clocked")
        def test_no_name(fake_kfp):
            pass

        @pytest.mark.fake_kfp(simulatoin="clocked")
        def test_no_option(fake_kfp):
            pass
        """
    )
    result = suite.runpytest_inprocess("--strict-markers")
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(
        ["*takes options by name*", "*unknown option 'simulatoin'; there are: simulation,*"]
    )


def test_a_project_may_have_options_of_the_suites_names(suite: pytest.Pytester) -> None:
    suite.makeconftest("def pytest_addoption(parser): parser.addoption('--kfp-namespace')")
    suite.makepyfile(
        "def test_nothing(pytestconfig): assert pytestconfig.getoption('--kfp-namespace') == 'ns'"
    )
    suite.runpytest_inprocess("--kfp-namespace=ns").assert_outcomes(passed=1)


def test_the_suites_options_are_there_when_it_is_asked_for(suite: pytest.Pytester) -> None:
    pytest.importorskip("hypothesis")
    asked = [
        "--pyargs",
        "fake_kfp.conformance",
        "--collect-only",
        "-q",
        "--kfp-examples",
        "3",
        "--kfp-http",
        "http://x",
    ]
    assert suite.runpytest_subprocess(*asked).ret == 0
    assert suite.runpytest_subprocess("--kfp-examples", "3").ret != 0


@pytest.mark.parametrize("line", ["", "--fake-kfp-snapshots=kept"])
def test_the_world_of_a_failed_test_is_kept_where_that_is_asked_for(
    suite: pytest.Pytester, line: str
) -> None:
    suite.makepyfile(
        test_one="""
        import pytest
        from helpers import create

        @pytest.mark.parametrize("word", ["a/b"])
        def test_fails(fake_kfp, word):
            create(fake_kfp)
            assert False

        def test_passes(fake_kfp):
            create(fake_kfp)
        """
    )
    options = [line] if line else ["-o", "fake_kfp_snapshots=kept"]
    result = suite.runpytest(*options)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*fake-kfp serve --load *test_one.py-test_fails[[]a-b[]].json"])
    assert [path.name for path in (suite.path / "kept").iterdir()] == ["test_one.py-test_fails[a-b].json"]
    with fake_kfp.server.FakeKfp() as fake:
        fake.load(suite.path / "kept" / "test_one.py-test_fails[a-b].json")
        assert [run.name for run in fake.runs] == ["r"]


def test_no_world_is_kept_unless_that_is_asked_for(suite: pytest.Pytester) -> None:
    suite.makepyfile("def test_fails(fake_kfp): assert False")
    before = set(suite.path.iterdir())
    suite.runpytest().assert_outcomes(failed=1)
    assert not [path for path in set(suite.path.iterdir()) - before if path.suffix == ".json"]
