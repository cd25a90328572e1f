"""The stages of a run as their tasks call them, each time in a child process that can be troubled on purpose.

A child is forked from a server that has loaded the libraries, so it costs no start. Production code knows nothing of
the trouble: a child changes its own limits, its own clock, or what ``os`` does when a name of a file changes.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import resource
import signal
import sys
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import commit_points

from warehouse import database
from warehouse.settings import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from warehouse.settings import Settings

DATE = datetime(2026, 11, 25, 6, tzinfo=UTC)
"""Time of the DAG run."""
STAGES = ("ingest", "claims", "build", "gate", "publish")

_MODULES = (
    "dags.stages",
    "expectations.engine",
    "expectations.gate",
    "expectations.suites",
    "extract.events",
    "extract.ingest",
    "warehouse.build",
    "warehouse.releases",
)
"""What stages import; a child that is to run out of memory has them before, so that its work runs out, no import."""
_FORK_SERVER = multiprocessing.get_context("forkserver")
# there is one such server for all tests, and another module's list may be the one that it was started with
_FORK_SERVER.set_forkserver_preload(["stage_runs", *_MODULES])


@dataclass(frozen=True)
class Kill:
    """Death by SIGKILL at a commit point: where a file or folder gets a name, by rename or as a link.

    Attributes:
        point: pattern of the name, relative to the data directory.
        is_after: whether the name is there when the process dies, or not yet.
        number: which of the names that match, from 1.
    """

    point: str
    is_after: bool
    number: int = 1


@dataclass(frozen=True)
class Trouble:
    """What goes wrong in a child.

    Attributes:
        kill: where it dies.
        largest_file: bytes that a file may have: what a full disk does to a writer, without one.
        free_memory: bytes that the process may take in addition to what it has.
        clock_shift: what its clock is wrong by.
        trace: file to which every change of a name below the data directory is told; no trouble at all.
    """

    kill: Kill | None = None
    largest_file: int | None = None
    free_memory: int | None = None
    clock_shift: timedelta | None = None
    trace: Path | None = None


NONE = Trouble()


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Attributes:
        code: exit code; -9 if it was killed.
        error: what it raised, in words; empty where nothing.
    """

    code: int
    error: str

    @property
    def was_killed(self) -> bool:
        """Whether it died by SIGKILL."""
        return self.code == -signal.SIGKILL


@dataclass(frozen=True)
class Desk:
    """Where stages run, and with which settings.

    Attributes:
        root: data directory.
        environment: further environment variables.
    """

    root: Path
    environment: Mapping[str, str]

    @property
    def data(self) -> DataDirectory:
        """The data directory."""
        return DataDirectory(self.root)

    def start(self, stages: Sequence[str], trouble: Trouble = NONE, **options: Any) -> Callable[..., Ended]:
        """Start stages in a child; gives what waits for its end, or ends it by force after some seconds."""
        said = self.root.parent / f"{self.root.name}-{datetime.now(UTC):%H%M%S%f}.said"
        child = _FORK_SERVER.Process(target=_work, args=(self, tuple(stages), trouble, said, options))
        child.start()

        def wait(*, seconds: float | None = None) -> Ended:
            child.join(seconds)
            if child.exitcode is None:
                child.terminate()
                child.join()
            assert child.exitcode is not None
            return Ended(child.exitcode, said.read_text(encoding="utf-8") if said.exists() else "")

        return wait

    def run(self, stages: Sequence[str], trouble: Trouble = NONE, **options: Any) -> Ended:
        """Run stages in a child and wait for its end."""
        return self.start(stages, trouble, **options)()

    def complete(self, stages: Sequence[str] = STAGES, trouble: Trouble = NONE, **options: Any) -> None:
        """Run stages that shall get through."""
        ended = self.run(stages, trouble, **options)
        assert ended == Ended(0, ""), ended.error


def _work(desk: Desk, stages: Sequence[str], trouble: Trouble, said: Path, options: dict[str, Any]) -> None:
    for name in [name for name in os.environ if name.startswith("ARMSLEDGER")]:
        del os.environ[name]
    os.environ.update(desk.environment, ARMSLEDGER_DATA=str(desk.root))
    try:
        _get_into(trouble, desk.root)
        for stage in stages:
            _run_stage(stage, **options)
    except BaseException as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        traceback.print_exc()
        said.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
        sys.exit(1)


def _run_stage(stage: str, *, date: datetime = DATE, sources: Sequence[str] | None = None) -> None:
    """Do what the tasks of a stage do; a source that fails doesn't hold up the others, and is told at the end."""
    from dags import stages
    from warehouse import build
    from warehouse.settings import Settings

    if stage in _RARE_STAGES:
        _RARE_STAGES[stage](Settings.from_environment())
    elif stage == "ingest":
        failed = []
        for source_id in sources if sources is not None else stages.list_sources():
            try:
                stages.ingest_source(source_id, run_after=date)
            except Exception as error:
                failed.append(f"{type(error).__name__}: {error}")
        if failed:
            raise RuntimeError("\n".join(failed))
    elif stage == "claims":
        for load_id in stages.stage_claims():
            stages.settle_load("transfer_claims", load_id)
    elif stage == "build":
        stages.build_candidate()
    elif stage == "gate":
        stages.gate_candidate(build.read_candidate(Settings.from_environment()).build_id)
    elif stage == "publish":
        stages.publish_release(build.read_candidate(Settings.from_environment()).build_id)
    else:
        raise ValueError(stage)


def _refuse_load(settings: Settings) -> None:
    """Let a gate refuse a load of articles whole; a load that waits still is the one that a killed run left."""
    from floor_samples import fail_receipt, stage_articles

    from warehouse import lake

    if not lake.is_quarantined(settings.data, "articles", "refused-1"):
        staged = stage_articles(settings.data, "refused-1")
        lake.quarantine(settings.data, "articles", "refused-1", fail_receipt(staged))


def _maintain(settings: Settings) -> None:
    """Compact every table that has two small files."""
    from warehouse.maintenance import upkeep
    from warehouse.maintenance.settings import Upkeep

    outcome = upkeep.maintain(settings.data, Upkeep(grace=timedelta(0), fewest_files=2))
    assert not outcome.problems, outcome.problems


def _publish_by_hand(settings: Settings) -> None:
    """Publish a second release, of one load more, made without dbt."""
    from floor_samples import build_candidate, promote_articles

    from warehouse import releases

    promote_articles(settings.data, "by_hand-1")
    releases.publish(settings, build_candidate(settings.data, "29990101T000000Z-hand"))


def _roll_back(settings: Settings) -> None:
    """Bring the first release back."""
    from warehouse import releases

    releases.roll_back(settings.data, releases.list_releases(settings.data)[-1].release_id)


_RARE_STAGES: dict[str, Callable[[Settings], None]] = {
    "refuse": _refuse_load,
    "maintain": _maintain,
    "publish_by_hand": _publish_by_hand,
    "roll_back": _roll_back,
}
"""What a run doesn't do, or not each time."""


def _get_into(trouble: Trouble, root: Path) -> None:
    from extract import folders
    from extract.fetching.policy import FetchPolicy
    from extract.parsing.language import detect_language
    from warehouse import clock

    # a source that is down shall not hold up the tests
    usual = FetchPolicy.from_environment
    quick = {"attempts": 2, "retry_initial_seconds": 0.01, "read_seconds": 5.0, "min_delay_seconds": 0.0}
    FetchPolicy.from_environment = classmethod(lambda cls: replace(usual(), **quick))
    # a reader that believes any date, so that the gate has a row to set aside
    folders.is_plausible = lambda moment, *, fetched_at: moment is not None
    if trouble.kill:
        _die_at(trouble.kill, root)
    if trouble.trace:
        commit_points.trace_names(root, trouble.trace)
    if trouble.largest_file is not None:
        # its model is unpacked to /tmp, which shall not be full
        detect_language("a text")
        resource.setrlimit(resource.RLIMIT_FSIZE, (trouble.largest_file, resource.RLIM_INFINITY))
    if trouble.free_memory is not None:
        for name in _MODULES:
            importlib.import_module(name)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * os.sysconf("SC_PAGE_SIZE") + trouble.free_memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    if trouble.clock_shift is not None:
        shift = trouble.clock_shift
        clock.now = lambda: datetime.now(UTC) + shift


def _die_at(kill: Kill, root: Path) -> None:
    """Let the three functions of ``os`` that give a file its name end the process at one name."""
    seen = 0

    def guard(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(source: Any, target: Any, *arguments: Any, **named: Any) -> Any:
            nonlocal seen
            path = Path(os.fspath(target))
            inside = path.is_relative_to(root) and commit_points.is_like(str(path.relative_to(root)), kill.point)
            # links to what lies aside are no commit points
            is_point = inside and not path.name.startswith(".")
            seen += is_point
            if is_point and seen == kill.number:
                if kill.is_after:
                    function(source, target, *arguments, **named)
                os.kill(os.getpid(), signal.SIGKILL)
            return function(source, target, *arguments, **named)

        return wrapped

    for name in ("rename", "replace", "link"):
        setattr(os, name, guard(getattr(os, name)))


def rows_of_marts(data: DataDirectory) -> dict[str, list[str]]:
    """Return every row of every mart of the published database, without what names a load, a release or a moment.

    Sums of floating-point numbers are compared to 12 digits: in which order the threads add them is free.
    """
    marts = {}
    for name in database.list_relations(data.published, "marts"):
        rows = database.read_relation(data.published, f"marts.{name}")
        columns = [c for c in rows.column_names if c not in ("load_id", "fetched_at") and not c.endswith("release_id")]
        marts[name] = sorted(
            repr({key: float(f"{cell:.12g}") if isinstance(cell, float) else cell for key, cell in row.items()})
            for row in rows.select(columns).to_pylist()
        )
    return marts


__all__ = ["DATE", "NONE", "STAGES", "Desk", "Ended", "Kill", "Trouble", "rows_of_marts"]
