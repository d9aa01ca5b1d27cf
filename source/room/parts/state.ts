import type {Way} from '../../core/authority/principal.ts';
import type {ChangeCount, PredictedConflict} from '../../core/change/change.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import type {RemoteAway} from '../../core/queue/why.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {emptySnapshot, type TeamSnapshot} from '../../core/team/snapshot.ts';
import type {Past} from '../../store/history.ts';
import type {Banner, PaneHandle, PaneInfo, RoomSnapshot, RoomStore, TaskInspector} from '../../store/room.ts';
import {cleanText} from '../../terminal/text/clean.ts';

/** What changes often, collected when a snapshot is published. */
export type LiveFacts = {
	readonly panes: () => ReadonlyMap<string, PaneInfo>;
	readonly pane: (agent: string) => PaneHandle | undefined;
	readonly dispatch: (action: Action, way?: Way) => Promise<ActionResult>;
	readonly whole: (task: string) => Promise<WholeTask | undefined>;
	readonly look: TaskInspector;
	readonly personGit: RoomStore['personGit'];
	readonly files: () => Promise<readonly string[]>;
	readonly keepFile: RoomStore['keepFile'];
	readonly terminals: () => number;
	readonly past: Past;
};

/** What can be paused: one agent by its id (`agent:...`), `all` of them, or everything by a `freeze`. */
export type Pausable = string;

/** Whether the record has that pause. */
export const isToldPaused = ({agents, control}: TeamSnapshot, what: Pausable): boolean =>
	what === 'all' ? control.paused : what === 'freeze' ? control.frozen : agents.get(what)?.paused === true;

export type RoomState = RoomStore & {
	/** Carries out a human's order; `way`: how it came, undefined if unknown. */
	dispatch(action: Action, way?: Way): Promise<ActionResult>;
	/** The state now, not only the last published one. */
	getFresh(): RoomSnapshot;
	team(): TeamSnapshot;
	setTeam(team: TeamSnapshot): void;
	/** Sets the server times of some agents' last heartbeats, epoch ms; those of others stay. */
	setBeats(beats: ReadonlyMap<string, number>): void;
	/** Server time minus this machine's clock, ms. */
	clockOffset(): number;
	setClockOffset(offset: number): void;
	/** Server time now, from this machine's clock and the last measured offset. */
	serverNow(): number;
	setRedis(redis: RoomSnapshot['redis']): void;
	/** What you paused before the record has it: already stopped in this room, and shown so. */
	pausedHere(): ReadonlySet<Pausable>;
	setPausedHere(what: Pausable, isPaused: boolean): void;
	/** The base when it was last read. */
	baseCommit(): string;
	setBaseCommit(commit: string): void;
	/** The remote is away, and what waits for it; undefined once it answers. */
	setRemoteAway(away: RemoteAway | undefined): void;
	/** What a taken configuration changes of what the screen shows. */
	setConfiguration(changed: Pick<RoomSnapshot, 'settings' | 'hasTestCommand' | 'isTrusted'>): void;
	/** Shows a degraded condition; `undefined` removes it. */
	setBanner(id: string, banner: Omit<Banner, 'id' | 'since'> | undefined): void;
	/** The run of all tests on the base, in words; '' for none. */
	setFullRun(text: string): void;
	/** What Redis lost, in one clause; '' for nothing. */
	setLoss(loss: string): void;
	setConflicts(conflicts: readonly PredictedConflict[]): void;
	setChanges(changes: ReadonlyMap<string, ChangeCount>): void;
	touch(): void;
	/** A pane has printed: published less often than what happens to the team. */
	touchPane(): void;
	close(): void;
};

/** Minimum interval between snapshots, ms; a view's own keys do not wait for it. */
const PUBLISH_MS = 100;
/** The same where panes have printed and nothing else: they print all the time, and each snapshot reads the last line of every one. */
const PRINTED_MS = 250;

/**
 * The room's state outside React: events go in, at most one frozen snapshot every 100 ms comes out, every 250 ms while panes print and nothing else
 * happens. The first change after a quiet time is published at once.
 */
export const createRoomState = (
	fixed: Pick<
		RoomSnapshot,
		'repository' | 'merging' | 'room' | 'heartbeatTtlMs' | 'leaseMs' | 'hasTestCommand' | 'isTrusted' | 'unprotected' | 'settings'
	>,
	live: LiveFacts,
): RoomState => {
	let configuration = {settings: fixed.settings, hasTestCommand: fixed.hasTestCommand, isTrusted: fixed.isTrusted};
	let team = emptySnapshot;
	let beats: ReadonlyMap<string, number> = new Map();
	let clockOffset = 0;
	let {repository, room} = fixed;
	let redis: RoomSnapshot['redis'] = {isConnected: true, lostAt: 0, address: '', problem: '', retryAt: 0};
	const pausedHere = new Set<Pausable>();
	let banners: readonly Banner[] = [];
	let loss = '';
	let fullRun = '';
	let remoteAway: RemoteAway | undefined;
	let conflicts: readonly PredictedConflict[] = [];
	let changes: ReadonlyMap<string, ChangeCount> = new Map();
	/** By `performance.now()`: a change of the wall clock must not delay the screen. */
	let publishedAt = Number.NEGATIVE_INFINITY;
	let timer: NodeJS.Timeout | undefined;
	let due = Number.POSITIVE_INFINITY;
	const listeners = new Set<() => void>();

	/** The team as shown to a human: what was paused here counts as paused before the record has it. */
	const shown = (): TeamSnapshot => {
		if (pausedHere.size === 0) return team;
		const agents = new Map(team.agents);
		for (const id of pausedHere) {
			const agent = agents.get(id);
			if (agent) agents.set(id, {...agent, paused: true, status: 'paused', reason: 'paused by you'});
		}
		const control = {
			...team.control,
			...(pausedHere.has('all') ? {paused: true} : {}),
			...(pausedHere.has('freeze') ? {frozen: true, frozenWhy: '' as const} : {}),
		};
		return {...team, agents, control};
	};
	/** What has not changed keeps its identity, by which views know what they need not draw. */
	const build = (): RoomSnapshot => {
		const terminals = live.terminals();
		if (terminals !== room.terminals) room = {...room, terminals};
		return Object.freeze({
			...fixed,
			...configuration,
			team: shown(),
			clockOffset,
			repository,
			...(remoteAway ? {remoteAway} : {}),
			redis,
			room,
			panes: live.panes(),
			beats,
			banners,
			...(loss === '' ? {} : {loss}),
			...(fullRun === '' ? {} : {fullRun}),
			conflicts,
			changes,
		});
	};
	let published: RoomSnapshot | undefined;

	const publish = (): void => {
		due = Number.POSITIVE_INFINITY;
		publishedAt = performance.now();
		published = build();
		for (const listener of [...listeners]) listener();
	};
	const publishAfter = (ms: number): void => {
		const at = publishedAt + ms;
		if (at >= due) return;
		clearTimeout(timer);
		due = at;
		timer = setTimeout(publish, Math.max(0, at - performance.now()));
	};
	const touch = (): void => publishAfter(PUBLISH_MS);

	return {
		getSnapshot: () => {
			published ??= build();
			return published;
		},
		getFresh: build,
		subscribe: listener => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		dispatch: (action: Action, way?: Way) => live.dispatch(action, way),
		whole: task => live.whole(task).catch(() => undefined),
		files: () => live.files().catch(() => []),
		keepFile: path => live.keepFile(path).catch(() => undefined),
		look: (what, task) => live.look(what, task).catch(() => undefined),
		personGit: path => live.personGit(path),
		pane: agent => live.pane(agent),
		past: live.past,
		team: () => team,
		setTeam: next => {
			if (next === team) return;
			team = next;
			for (const what of pausedHere) if (isToldPaused(team, what)) pausedHere.delete(what);
			touch();
		},
		setBeats: next => {
			beats = new Map([...beats, ...next]);
			touch();
		},
		clockOffset: () => clockOffset,
		setClockOffset: offset => {
			clockOffset = offset;
		},
		serverNow: () => Date.now() + clockOffset,
		setRedis: next => {
			redis = next;
			touch();
		},
		pausedHere: () => pausedHere,
		setPausedHere: (what, isPaused) => {
			pausedHere[isPaused ? 'add' : 'delete'](what);
			touch();
		},
		baseCommit: () => repository.baseCommit,
		setBaseCommit: commit => {
			if (commit === repository.baseCommit) return;
			repository = {...repository, baseCommit: commit};
			touch();
		},
		setBanner: (id, banner) => {
			const others = banners.filter(existing => existing.id !== id);
			const before = banners.find(existing => existing.id === id);
			if (!banner && !before) return;
			if (banner && before?.text === banner.text) return;
			const shown = banner ? [...others, {...banner, id, since: before?.since ?? Date.now()}] : others;
			// There is room for one banner: errors come first.
			banners = shown.toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
			touch();
		},
		setRemoteAway: next => {
			remoteAway = next;
			touch();
		},
		setConfiguration: changed => {
			configuration = changed;
			touch();
		},
		setFullRun: text => {
			fullRun = text;
			touch();
		},
		setLoss: next => {
			loss = next;
			touch();
		},
		setConflicts: next => {
			conflicts = next;
			touch();
		},
		setChanges: next => {
			changes = next;
			touch();
		},
		touch,
		touchPane: () => publishAfter(PRINTED_MS),
		close: () => clearTimeout(timer),
	};
};

/** A refused writer retries within a second; after this long without one it no longer counts, ms. */
const STANDS_MS = 3000;

/**
 * Keeps the banner with Redis's own words while any writer was refused in the last three seconds and not served since. Returns the function to
 * report to: `words` is '' once `who` was served.
 */
export const showingRefusals = (state: Pick<RoomState, 'setBanner'>): ((who: string, words: string) => void) => {
	const refusals = new Map<string, {readonly words: string; readonly end: NodeJS.Timeout}>();
	const show = (): void => {
		const last = [...refusals.values()].at(-1);
		state.setBanner('redis-refuses', last && {severity: 'error', text: `Redis refuses to write: ${cleanText(last.words, 200)}`});
	};
	const served = (who: string): void => {
		clearTimeout(refusals.get(who)?.end);
		if (refusals.delete(who)) show();
	};
	return (who, words) => {
		if (!words) {
			served(who);
			return;
		}
		clearTimeout(refusals.get(who)?.end);
		refusals.set(who, {words, end: setTimeout(() => served(who), STANDS_MS).unref()});
		show();
	};
};
