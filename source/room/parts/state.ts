import type {Way} from '../../core/authority/principal.ts';
import type {ChangeCount, PredictedConflict} from '../../core/change/change.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {emptySnapshot, type TeamSnapshot} from '../../core/team/snapshot.ts';
import type {Past} from '../../store/history.ts';
import type {Banner, PaneHandle, PaneInfo, RoomSnapshot, RoomStore, TaskInspector} from '../../store/room.ts';
import {cleanText} from '../../terminal/text/clean.ts';

/** What changes often, gathered at the moment of publishing. */
export type LiveFacts = {
	readonly panes: () => ReadonlyMap<string, PaneInfo>;
	readonly pane: (agent: string) => PaneHandle | undefined;
	readonly dispatch: (action: Action, way?: Way) => Promise<ActionResult>;
	readonly whole: (task: string) => Promise<WholeTask | undefined>;
	readonly look: TaskInspector;
	readonly personGit: RoomStore['personGit'];
	readonly files: () => Promise<readonly string[]>;
	readonly terminals: () => number;
	readonly past: Past;
};

/** What can be paused: one agent by its id (`agent:...`), `all` of them, or everything by a `freeze`. */
export type Pausable = string;

/** Whether the record tells that pause. */
export const isToldPaused = ({agents, control}: TeamSnapshot, what: Pausable): boolean =>
	what === 'all' ? control.paused : what === 'freeze' ? control.frozen : agents.get(what)?.paused === true;

export type RoomState = RoomStore & {
	/** A human's order, and by which way it came; without one where nobody knows. */
	dispatch(action: Action, way?: Way): Promise<ActionResult>;
	/** The state at this moment, not only the last published one. */
	getFresh(): RoomSnapshot;
	team(): TeamSnapshot;
	setTeam(team: TeamSnapshot): void;
	/** Server times of the last heartbeats, epoch ms, of some agents; what is known of others stays. */
	setBeats(beats: ReadonlyMap<string, number>): void;
	/** Server time minus this machine's clock, ms. */
	clockOffset(): number;
	setClockOffset(offset: number): void;
	/** Server time now, by this machine's clock and the last measured difference. */
	serverNow(): number;
	setRedis(redis: RoomSnapshot['redis']): void;
	/** What a human has paused, and the record has not told yet: it stands still in this room all the same, and is shown so. */
	pausedHere(): ReadonlySet<Pausable>;
	setPausedHere(what: Pausable, isPaused: boolean): void;
	/** Where the base was when it was last looked at. */
	baseCommit(): string;
	setBaseCommit(commit: string): void;
	/** Shows a degraded condition, or takes it away with `undefined`. */
	setBanner(id: string, banner: Omit<Banner, 'id' | 'since'> | undefined): void;
	/** What Redis lost, in one clause; '' for nothing. */
	setLoss(loss: string): void;
	setConflicts(conflicts: readonly PredictedConflict[]): void;
	setChanges(changes: ReadonlyMap<string, ChangeCount>): void;
	/** Something in `LiveFacts` changed. */
	touch(): void;
	close(): void;
};

/** A snapshot is published at most this often; a view's own keys do not wait for it. */
const PUBLISH_MS = 100;

/**
 * The room's state outside React: folded facts in, at most one frozen snapshot every 100 ms out. The first change after a quiet
 * time is published at once.
 */
export const createRoomState = (
	fixed: Pick<
		RoomSnapshot,
		'repository' | 'room' | 'heartbeatTtlMs' | 'leaseMs' | 'hasTestCommand' | 'isTrusted' | 'unprotected' | 'settings'
	>,
	live: LiveFacts,
): RoomState => {
	let team = emptySnapshot;
	let beats: ReadonlyMap<string, number> = new Map();
	let clockOffset = 0;
	let {baseCommit} = fixed.repository;
	let redis: RoomSnapshot['redis'] = {isConnected: true, lostAt: 0, address: '', problem: '', retryAt: 0};
	const pausedHere = new Set<Pausable>();
	let banners: readonly Banner[] = [];
	let loss = '';
	let conflicts: readonly PredictedConflict[] = [];
	let changes: ReadonlyMap<string, ChangeCount> = new Map();
	/** Moment of `performance.now()`: no step of a clock keeps the screen waiting. */
	let publishedAt = Number.NEGATIVE_INFINITY;
	let timer: NodeJS.Timeout | undefined;
	const listeners = new Set<() => void>();

	/** The team as a human sees it: what was stopped here a moment ago is stopped, whether the record has told it or not. */
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
	const build = (): RoomSnapshot =>
		Object.freeze({
			...fixed,
			team: shown(),
			clockOffset,
			repository: {...fixed.repository, baseCommit},
			redis,
			room: {...fixed.room, terminals: live.terminals()},
			panes: live.panes(),
			beats,
			banners,
			...(loss === '' ? {} : {loss}),
			conflicts,
			changes,
		});
	let published: RoomSnapshot | undefined;

	const publish = (): void => {
		timer = undefined;
		publishedAt = performance.now();
		published = build();
		for (const listener of [...listeners]) listener();
	};
	const touch = (): void => {
		timer ??= setTimeout(publish, Math.max(0, publishedAt + PUBLISH_MS - performance.now()));
	};

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
		baseCommit: () => baseCommit,
		setBaseCommit: commit => {
			if (commit === baseCommit) return;
			baseCommit = commit;
			touch();
		},
		setBanner: (id, banner) => {
			const others = banners.filter(existing => existing.id !== id);
			const before = banners.find(existing => existing.id === id);
			if (!banner && !before) return;
			if (banner && before?.text === banner.text) return;
			const shown = banner ? [...others, {...banner, id, since: before?.since ?? Date.now()}] : others;
			// One row has place for one: what is broken comes before what is only worth knowing.
			banners = shown.toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
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
		close: () => clearTimeout(timer),
	};
};

/** Who is refused asks again within a second; whoever has not for this long asks no more, ms. */
const STANDS_MS = 3000;

/**
 * Keeps the banner that says in its own words that Redis refuses to write: while anybody was refused within the last three seconds and not
 * served since. Returns the way to tell: `words` is '' once `who` was served.
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
