"""One world with all that stands around it: what a start or a reset of the fake makes from its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from fake_kfp import forks
from fake_kfp.api import descriptors, v1beta1, v2beta1
from fake_kfp.api.dispatch import Api
from fake_kfp.api.exchange import Watch
from fake_kfp.api.guard import guarded
from fake_kfp.golang.times import LAST_MOMENT, LAST_SECONDS
from fake_kfp.ir.cache import ExecutionCache, UnreadCache
from fake_kfp.ir.drivers.driver import Surroundings
from fake_kfp.ir.launcher.launcher import Launcher
from fake_kfp.ir.metadata import Metadata, MetadataState
from fake_kfp.ir.player import PipelinePlayer, Stage, is_v2
from fake_kfp.options import Options
from fake_kfp.services.auth.access import Access, Rule
from fake_kfp.services.auth.identity import TokensState
from fake_kfp.services.environment import read_environment
from fake_kfp.services.jobs.scheduler import SchedulerState
from fake_kfp.services.pipelines.urls import Get, Urls
from fake_kfp.services.registry import Services
from fake_kfp.services.runs.node_tasks import NodeTasksState
from fake_kfp.services.settings import Settings
from fake_kfp.simulator.cluster.budget import Budget
from fake_kfp.simulator.cluster.cluster import Cluster, ClusterState
from fake_kfp.simulator.cluster.pace import Pace
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.containers import Containers
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.outcomes import Outcomes, OutcomesState
from fake_kfp.simulator.kubelet.players import Notes, Player
from fake_kfp.simulator.kubelet.simulation import Simulation, SimulationState
from fake_kfp.simulator.kubelet.step_cache import CachedSteps, Step, StepCache
from fake_kfp.store.clock import Clock
from fake_kfp.store.world import World, WorldState
from fake_kfp.versions import Dialect, dialect_of
from fake_kfp.visits import Door, Visit


@dataclass(frozen=True, slots=True)
class DeploymentState:
    """All that a deployment holds, but for its options."""

    records: WorldState
    urls: dict[str, bytes] = field(default_factory=dict)
    scripts: OutcomesState = field(default_factory=OutcomesState)
    cached_steps: dict[str, Step] = field(default_factory=dict)
    metadata: MetadataState = field(default_factory=MetadataState)
    cluster: ClusterState = field(default_factory=ClusterState)
    simulation: SimulationState = field(default_factory=SimulationState)
    schedule: SchedulerState = field(default_factory=SchedulerState)
    node_tasks: NodeTasksState = field(default_factory=NodeTasksState)
    tokens: TokensState = field(default_factory=TokensState)


class Deployment:
    """The rooms of one fake server, put together. Whoever reaches into them does so within a :meth:`visit`.

    ``get`` asks the servers that the options allow to fetch from; without it nobody is asked. ``watch`` sees all calls of clients.
    """

    def __init__(self, options: Options, get: Get | None = None, watch: Watch | None = None) -> None:
        self.options = options
        self.clock = Clock(options.now, options.clock_speed)
        dialect = dialect_of(options.version)
        self.world = World(self.clock, options.seed, dialect)
        changes = self.world.changes
        self._door = Door(changes)
        forks.tell(self._door.renew)
        self.outcomes = Outcomes()
        self.step_cache = StepCache(changes)
        self.metadata = Metadata(changes)
        settings = _settings(options, dialect)
        self.urls = dict(options.urls)
        self.wakes: Callable[[], datetime | None] = lambda: None
        """When something changes for callers that is not of the world; a moment that is over means: each of their calls counts."""
        budget = Budget(options.max_nodes, options.max_loop_items)
        pace = Pace(self._pause, self._door.away, options.slice_steps)
        self.cluster = Cluster(self.clock, self.world.ids, dialect, budget, changes, pace)
        forks.tell(pace.forget)
        self.simulation = Simulation(
            self.cluster,
            self.clock,
            self._player_of,
            options.simulation,
            settings.controllers_delay,
        )
        self._urls = Urls(self.urls, options.fetch_from, get, validated=dialect.urls_validated)
        self.services = Services(
            self.world,
            self.cluster,
            self.simulation,
            settings,
            _access(options, settings),
            self._urls,
        )
        self.lifecycle = self.services.lifecycle
        self.services.scheduler.pause = self._door.pause
        self.services.late_runs.pause = self._pause
        if not options.caching:  # else what a run does depends on those before it
            self.services.late_runs.said = self.outcomes.said
        self._door.arrive = self.services.scheduler.fire_due
        self._look = Visit(self._door, self)
        self._call = Visit(self._door, self, self._step) if options.step else self._look
        changes.keep()
        handlers = v1beta1.handlers(self.services) | v2beta1.handlers(self.services)
        self.api = Api(
            descriptors.methods(),
            guarded(handlers, self.services.access),
            self._call.handle,
            dialect,
            watch,
        )

    def _player_of(self, workflow: Workflow, notes: Notes, told: Outcomes | None) -> Player:
        if told is None:
            containers, outcomes = self._usual_containers(workflow, notes), self.outcomes
        else:
            containers, outcomes = Containers(workflow, told, self.world.objects, notes), told
        if not is_v2(workflow):
            return containers
        cache_class = ExecutionCache if told is None else UnreadCache
        cache = cache_class(self.world.tasks, self.services.tasks.create)
        return PipelinePlayer(workflow, self._stage(cache, outcomes), containers)

    def _usual_containers(self, workflow: Workflow, notes: Notes) -> Player:
        outcomes = self.services.late_runs.listened_to or self.outcomes
        containers = Containers(workflow, outcomes, self.world.objects, notes, strict=self.options.strict)
        return CachedSteps(self.step_cache, containers, notes) if self.options.caching else containers

    def _stage(self, cache: ExecutionCache, outcomes: Outcomes) -> Stage:
        self.metadata.prune(lambda run_id: self.world.runs.get(run_id) is not None)
        release = self.world.dialect.drivers
        return Stage(
            Surroundings(
                self.metadata,
                cache,
                self.world.ids.uuid,
                self.services.settings.environment.compiler.proxy_environment,
                release,
            ),
            Launcher(self.metadata, cache, self.world.objects, upwards=release.ends_told_upwards),
            outcomes,
            lambda: int(self.clock.now().timestamp()),
            self.options.strict,
        )

    def state(self) -> DeploymentState:
        """All that it holds, its own records and workflows among it: whoever visits may write it down."""
        services = self.services
        services.late_runs.make_all()
        return DeploymentState(
            self.world.state(),
            self.urls,
            self.outcomes.state(),
            self.step_cache.state(),
            self.metadata.state(),
            self.cluster.state(),
            self.simulation.state(),
            services.scheduler.state(),
            services.node_tasks.state(),
            services.access.authenticator.state(),
        )

    def restore(self, state: DeploymentState) -> None:
        """Takes the place of another; a state that does not hold together raises an exception of some kind."""
        self.world.restore(state.records)
        self.urls.clear()
        self.urls.update(state.urls)
        self.outcomes.restore(state.scripts)
        self.step_cache.restore(state.cached_steps)
        self.cluster.restore(state.cluster)
        self.simulation.restore(state.simulation)
        self.metadata.restore(state.metadata)
        self.services.scheduler.restore(state.schedule)
        self.services.node_tasks.restore(state.node_tasks)
        self.services.access.authenticator.restore(state.tokens)
        self.world.changes.keep()

    def change_options(self, changes: Mapping[str, Any]) -> None:
        """Changes those that may be changed while a world lives. Raises OptionError."""
        self.options = self.options.with_living_changes(changes)
        self.services.access.change_rules(map(Rule.from_json, self.options.allow))
        self._urls.allowed = self.options.fetch_from

    def advance(self, seconds: float) -> datetime:
        """Moves the clock on, makes the runs that recurring runs owe by then, and returns the new time (ValueError if negative)."""
        now = self.clock.advance(seconds)
        self.services.scheduler.fire_due()
        return now

    def advance_to(self, moment: datetime) -> datetime:
        """The same up to a moment; nothing happens where that is over already."""
        now = self.clock.advance_to(moment)
        self.services.scheduler.fire_due()
        return now

    def next_event(self) -> datetime | None:
        """When time alone lets something happen next: in a workflow, or a new run of a recurring one."""
        due = self.services.scheduler.next_due()
        moments = [self.simulation.next_event()]
        if due is not None and due < LAST_SECONDS:
            moments.append(datetime.fromtimestamp(due, timezone.utc))
        return min((each for each in moments if each is not None and each < LAST_MOMENT), default=None)

    def visit(self, *, step: bool = True) -> Visit[Deployment]:
        """The one way into the world: ``with deployment.visit() as inside:``; nobody else is in meanwhile.

        What is due by then has happened. A visit stands for a call and takes the clock's step of time, if there is one; not
        with ``step=False``, for whoever only looks, or steers. A visitor may visit again. One that is driven out by anything but
        a refusal has changed nothing.
        """
        return self._call if step else self._look

    def _pause(self) -> None:
        """Lets others in; but not where the clock shows another time than theirs."""
        if self.clock.shows_present:
            self._door.let_others_in()

    def _step(self) -> None:
        self.clock.step(self.options.step)


def _access(options: Options, settings: Settings) -> Access:
    return Access(
        options.multi_user,
        map(Rule.from_json, options.allow),
        options.tokens,
        options.identity_header,
        shared_read=settings.environment.shared_read,
    )


def _settings(options: Options, dialect: Dialect) -> Settings:
    return Settings(
        default_service_account=options.service_account,
        cache_enabled=options.caching is not False,
        multi_user=options.multi_user,
        identity_header=options.identity_header,
        controllers_delay=_controllers_delay(options),
        environment=read_environment(options.environment, dialect),
        strict=options.strict,
        runs_per_look=options.runs_per_look,
    )


def _controllers_delay(options: Options) -> float:
    """So long that a client's first look at what it has just made, or terminated, sees it as it was told."""
    follows_wall_clock = options.simulation is Mode.CLOCKED and options.clock_speed > 0
    return min(2 * options.step, LAST_SECONDS) or float(follows_wall_clock)
