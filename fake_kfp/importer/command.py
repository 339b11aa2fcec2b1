"""The command ``fake-kfp import``."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fake_kfp.options import OptionError
from fake_kfp.upstream.access import add_access, installation

# fake-kfp --help and serve need none of what an import does
if TYPE_CHECKING:
    from fake_kfp.importer.importing import World
    from fake_kfp.importer.part import Part
    from fake_kfp.importer.progress import Progress
    from fake_kfp.upstream.installation import Installation


_MOST = 1 << 20


def _bytes(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"a number of bytes is 1 or more, not {text!r}")
    return int(text)


def _most(options: argparse.Namespace) -> int:
    """How many bytes of each artifact are wanted. Raises OptionError."""
    if options.artifacts:
        return options.max_artifact_bytes or _MOST
    if options.max_artifact_bytes:
        raise OptionError("--max-artifact-bytes goes with --artifacts")
    return 0


def add_import(commands: Any) -> None:
    """Adds the command to a parser."""
    parser = commands.add_parser("import", help="read a real installation into a seed file")
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add(
        "--from",
        dest="url",
        required=True,
        metavar="URL",
        help="where it is, e.g. https://kfp.example.com/pipeline",
    )
    add(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="the seed file: YAML, or JSON where it ends in .json",
    )
    add(
        "--experiment",
        dest="experiments",
        action="append",
        default=[],
        metavar="NAME",
        help="a name or an id: only this one, its runs and their pipelines; may be repeated (default: all)",
    )
    add("--namespace", default="", metavar="NAME", help="whose, on a multi-user installation")
    add(
        "--api",
        choices=["v1beta1", "v2beta1"],
        help="which version is asked (default: v2beta1 where it is there)",
    )
    add(
        "--artifacts",
        action="store_true",
        help="with outputs, artifacts and logs of tasks, as far as the API gives them",
    )
    add(
        "--max-artifact-bytes",
        type=_bytes,
        metavar="N",
        help=f"leave out artifacts and logs that are larger (default: {_MOST:,})",
    )
    add(
        "--restart",
        action="store_true",
        help="begin anew, whatever is left of an import that was interrupted",
    )
    add_access(parser)


def _run(options: argparse.Namespace) -> int:
    from fake_kfp.importer.importing import NoSuchExperiment
    from fake_kfp.importer.part import OtherImport
    from fake_kfp.upstream.installation import BadUpstream
    from fake_kfp.upstream.reading import ReadError

    try:
        return _import(installation(options.url, options), options)
    except (BadUpstream, OtherImport, NoSuchExperiment) as error:
        print(f"fake-kfp: {error}", file=sys.stderr)
        return 2
    except ReadError as error:
        print(f"fake-kfp: {error}\n{_GOES_ON}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nfake-kfp: interrupted. {_GOES_ON}", file=sys.stderr)
        return 1


_GOES_ON = "The same command goes on where this one stopped."


def _import(source: Installation, options: argparse.Namespace) -> int:
    from fake_kfp.importer.part import Part
    from fake_kfp.importer.progress import Progress

    if source.headers and not source.is_secure:
        print(
            "fake-kfp: what is sent to an http:// address can be read on the way, token included",
            file=sys.stderr,
        )
    most = _most(options)
    path = options.output.with_name(f"{options.output.name}.part")
    if options.restart:
        path.unlink(missing_ok=True)
    what = {
        "from": source.url,
        "experiments": sorted(options.experiments),
        "namespace": options.namespace,
        "api": options.api,
        "artifacts": most,
    }
    progress = Progress(sys.stderr)
    with Part(path, what) as part:
        _write(_read(source, options, most, part, progress), options.output, progress)
        part.remove()
    return 0


def _read(
    source: Installation, options: argparse.Namespace, most: int, part: Part, progress: Progress
) -> World:
    from fake_kfp.importer.importing import Import, speaks_v2
    from fake_kfp.upstream.reading import Reader

    with closing(Reader(source)) as reader:
        v2 = speaks_v2(reader) if options.api is None else options.api == "v2beta1"
        return Import(
            reader,
            part,
            progress,
            v2=v2,
            namespace=options.namespace,
            experiments=options.experiments,
            most=most,
        ).world()


def _write(world: World, output: Path, progress: Progress) -> None:
    from fake_kfp.importer.seed import counted, moment_after, readable, tried, written
    from fake_kfp.store.clock import Clock

    now = moment_after(world, Clock().now().replace(microsecond=0))
    seed = tried(readable(world), now, lambda text: progress.say(f"fake-kfp: {text}"), progress.at)
    written(seed, now, output)
    print(f"{output}: {counted(seed)}")
