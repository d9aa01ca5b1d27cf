import {basename, dirname} from 'node:path';
import {isPushing} from '../../core/config/config.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import {noteOtherRefs} from '../../git/worktree/other-refs.ts';
import {programId} from '../../os/kept-program.ts';
import {inNobodysName} from '../../redis/ordered.ts';
import {watchDrafts} from '../forge/draft.ts';
import {watchPulls} from '../forge/watch.ts';
import {branchHead, isJudge, judgeBase, mover, recheckMerged, workBase} from '../merge/base.ts';
import {showRed, watchBlocked} from '../merge/blocked.ts';
import {followBase} from '../merge/follow.ts';
import {type FullTestsWatch, showFullRed, watchFullTests} from '../merge/full-tests.ts';
import {tryLockedAgain} from '../merge/locked.ts';
import {recheckMerges} from '../merge/merged-tasks.ts';
import {startPredictor} from '../merge/predict.ts';
import {healing} from '../orders/heal.ts';
import {lookAtLoss} from '../orders/rebuild.ts';
import type {TeamPanes} from '../panes/panes.ts';
import type {RoomEnd} from '../parts/options.ts';
import {type Lifecycle, plannedAgent, type Room} from '../parts/parts.ts';
import {opensPulls} from '../parts/remote.ts';
import {tidyKept} from '../recovery/kept.ts';
import {createLead, keepLead, type Lead} from '../recovery/lead.ts';
import {keepingCheckpoints} from '../recovery/recover.ts';
import {type Sweeper, startHints, startSweeper} from '../recovery/sweep.ts';
import type {RoomRedis} from '../redis/redis.ts';
import {watchRedis} from '../redis/watch.ts';
import {hasBetterLeader, isLongAway} from '../remote/aside.ts';
import {askRemote, forgetWhereMergesGo, sayWhereMergesGo, watchRemote} from '../remote/remote.ts';
import {forgetUnneeded, isTeam, shareAllowed, sharingFirst, type Unneeded} from '../remote/share.ts';
import {followStream} from '../scheduler/follow.ts';
import {beat} from '../scheduler/heartbeat.ts';
import {tick} from '../scheduler/tick.ts';
import {watchDisk} from '../scheduler/watch-disk.ts';
import {typeLine} from '../session/line.ts';
import {drainRoom} from './drain.ts';
import {endingWhenIdle} from './idle.ts';
import {openLink} from './link.ts';
import {type Ending, stopRoom} from './stop.ts';
import {watchQuestions} from './unattended.ts';

/** How often files that block a merge are checked, ms. */
const BLOCKED_CHECK_MS = 2000;

/** A ref that no task needs is deleted from the remote if two checks, this far apart, agree, ms. */
const FORGET_MS = 600_000;

/** How often is checked whether all tests are due on the base, ms. */
const FULL_TESTS_MS = 500;

/** How often unanswered questions are checked, ms. */
const QUESTIONS_MS = 500;

/** How often to check for an update of the package, ms; also how long the suggestion to restart stays. */
const UPDATE_MS = 30_000;
/** How often what was kept for tasks that are over is removed, ms. */
const KEPT_MS = 600_000;
const SUGGESTED_MS = 600_000;

/** How often the disk usage of attempts is counted, if it has a limit, ms. */
const LOOK_AT_DISK_MS = 5000;

/** Minimum interval between copies of the user's other branches and tags for worktrees, ms. */
const REFS_MS = 30_000;

export type Life = {
	readonly room: Room;
	go(): void;
	/** Checks something every two seconds from then on. */
	whileRunning(what: string, check: () => Promise<void>): void;
	readonly ended: Promise<RoomEnd>;
	drain(reason: string, graceMs: number): Promise<RoomEnd>;
	stop(reason: string): Promise<RoomEnd>;
	onEvent(listener: (event: RoomEvent) => void): void;
};

const failed =
	({facts}: Pick<Room, 'facts'>, what: string) =>
	(error: unknown): void =>
		facts.log(`${what}: ${error instanceof Error ? error.message : String(error)}`);

/** Runs `work` every `everyMs`, never twice at once; an error is logged, and the next round still runs. */
const every = (everyMs: number, room: Pick<Room, 'facts' | 'link'>, what: string, work: () => Promise<void>): NodeJS.Timeout => {
	let isBusy = false;
	return setInterval(() => {
		if (isBusy || !room.link.isConnected()) return;
		isBusy = true;
		work()
			.catch(failed(room, what))
			.finally(() => {
				isBusy = false;
			});
	}, everyMs);
};

const notingOtherRefs = ({facts}: Pick<Room, 'facts'>): (() => void) => {
	let notedAt = Number.NEGATIVE_INFINITY;
	return () => {
		if (performance.now() - notedAt < REFS_MS) return;
		notedAt = performance.now();
		noteOtherRefs(facts.guardian.store).catch(error => facts.log(`cannot read other branches and tags: ${String(error)}`));
	};
};

/** Journal entries within this time, ms, are written together, since each write waits for the disk. */
const JOURNAL_PACE_MS = 50;

const keepingJournal = ({catchUp}: RoomRedis['journal']): (() => void) => {
	let isDue = false;
	return () => {
		if (isDue) return;
		isDue = true;
		setTimeout(() => {
			isDue = false;
			void catchUp();
		}, JOURNAL_PACE_MS).unref();
	};
};

/** The life of a room; `onWake` runs once for all wake-ups since the last. */
const beginLife = (onTick: () => void): {readonly lifecycle: Lifecycle; readonly end: () => void} => {
	let isOpen = true;
	let isRunning = true;
	let isWoken = false;
	const next = (): void => {
		isWoken = false;
		if (isRunning) onTick();
	};
	return {
		lifecycle: {
			isOpen: () => isOpen,
			close: () => {
				isOpen = false;
			},
			isRunning: () => isRunning,
			requestTick: () => {
				if (isWoken || !isRunning) return;
				isWoken = true;
				// A human's order may have woken it; what the scheduler then does is not the human's order.
				inNobodysName(() => void setImmediate(next));
			},
			begun: new Set(),
			returning: new Set(),
			cleaning: new Set(),
		},
		end: () => {
			isRunning = false;
		},
	};
};

/** A room as its start has made it; its life adds the rest. */
export type Beginning = Pick<Room, 'facts' | 'record' | 'slots'> & {
	readonly merges: Omit<Room['merges'], 'workBase' | 'branchHead'>;
	/** Undefined without a team. */
	readonly teamPanes?: TeamPanes;
};

/** Starts the room's life: its timers, its end, and the reaction to a lost Redis. Nothing starts before `go`. */
export const startLoops = (beginning: Beginning, ending: Omit<Ending, 'halt' | 'unanswered'>): Life => {
	const {redis, terminals, untilEmpty} = ending;
	let hasSnapshot = false;
	let sweeper: Sweeper | undefined;
	const timers: NodeJS.Timeout[] = [];
	const underWay = new Set<string>();
	const listeners = new Set<(event: RoomEvent) => void>();
	const {promise: ended, resolve: resolveEnded} = Promise.withResolvers<RoomEnd>();

	const {lifecycle, end} = beginLife(() => {
		tick(room, underWay);
		if (hasSnapshot) endWhenIdle();
	});
	const {link: alone, follow, release} = openLink(redis, beginning.record, lifecycle.isRunning);
	const link = isTeam(beginning) ? {...alone, coordination: sharingFirst(alone.coordination, () => room)} : alone;
	const lead: Lead = createLead(link.coordination, {
		life: beginning.facts.roomId,
		leaseMs: beginning.facts.config.lease,
		newNonce: beginning.facts.newNonce,
	});
	const room: Room = {
		...beginning,
		link,
		lead,
		lifecycle,
		merges: {...beginning.merges, workBase: task => workBase(room, task), branchHead: task => branchHead(room, task)},
	};
	const {facts, record, merges} = room;
	let stopLead = (): void => undefined;
	let fullTests: FullTestsWatch | undefined;
	follow(room);

	const halt = (): void => {
		end();
		for (const timer of timers) clearInterval(timer);
		sweeper?.stop();
		stopLead();
		beginning.teamPanes?.close();
		release();
	};
	const questions = watchQuestions(room);
	let stopping: Promise<RoomEnd> | undefined;
	const stop = (reason: string): Promise<RoomEnd> => {
		stopping ??= stopRoom(room, reason, {...ending, unanswered: questions.unanswered, halt}).then(result => {
			resolveEnded(result);
			return result;
		});
		return stopping;
	};
	const drain = async (reason: string, graceMs: number): Promise<RoomEnd> => {
		const drained = drainRoom({...room, lead}, {graceMs, isCut: () => stopping !== undefined});
		// The team sees it at once.
		void beat(room).catch(failed(room, 'beat'));
		await drained;
		return stop(reason);
	};
	const endWhenIdle = endingWhenIdle(room, {
		untilEmpty,
		terminals: terminals.count,
		hasSwept: () => sweeper?.hasSwept() === true,
		finding: redis.epoch.finding,
		mayBeAnswered: questions.areTimed,
		stop: reason => void stop(reason),
	});

	/** Waiting merges may be possible now: they are retried at once. */
	const tryHeldAgain = (): void => {
		for (const task of merges.mergeBackoff.keys()) merges.notBefore.delete(task);
	};
	/** Another holder's lock on the base has ended. The lock of our own guardian ends with every merge that must wait, which is no reason to retry. */
	const isBaseFreed = ({type, agent, lockFields}: RoomEvent): boolean =>
		type === 'lock_released' && lockFields.name === `repository:${facts.base}` && plannedAgent(room, agent) === undefined;
	const keepCheckpoints = keepingCheckpoints(room);
	/** The base may have moved while no room ran: that is judged before anything is built on it. */
	const judgeFirst = async (): Promise<void> => {
		await judgeBase(room);
		if (merges.moves.head !== '' && isJudge(room)) await recheckMerges(room, merges.moves.head, mover(room));
	};
	const onChange = (events: readonly RoomEvent[]): void => {
		if (!hasSnapshot) judgeFirst().catch(failed(room, 'the merges'));
		if (!hasSnapshot) sayWhereMergesGo(room).catch(failed(room, 'where merges go'));
		hasSnapshot = true;
		const commits = events.flatMap(({type, taskFields}) =>
			type === 'task_merged' && taskFields.mergedCommit ? [taskFields.mergedCommit] : [],
		);
		if (commits.length > 0) forgetWhereMergesGo(room);
		// Merged by another room of the team: this room's clone follows without waiting for its next look.
		if (commits.length > 0 && !commits.includes(record.baseCommit())) void askRemote(room);
		if (commits.length > 0) recheckMerged(room, commits).catch(failed(room, 'the merges'));
		if (events.some(({taskFields}) => taskFields.mayLeave)) shareAllowed(room).catch(failed(room, 'what may leave'));
		keepCheckpoints(events);
		for (const event of events) for (const listener of listeners) listener(event);
		if (events.some(isBaseFreed)) tryHeldAgain();
		if (events.some(({type, lockFields}) => type === 'lock_released' && lockFields.name?.startsWith('path:'))) tryLockedAgain(room);
		showRed(room);
		showFullRed(room);
		fullTests?.heard(events);
		lifecycle.requestTick();
	};
	/** Removed by hand, say: agents' worktrees borrow from it. */
	const keepStore = async (): Promise<void> => {
		if (!(await facts.guardian.mend())) return;
		const text = `the git store of the room was missing and was made again: ${facts.guardian.folder}`;
		facts.log(text);
		record.setBanner('git-store', {severity: 'warning', text});
		tryHeldAgain();
	};
	let isUpdated = false;
	/** The room keeps the program it started with; a newer one is announced once. */
	const lookForUpdate = async (): Promise<void> => {
		const {installed, programFile} = facts.options;
		const kept = dirname(dirname(programFile));
		if (isUpdated || installed === undefined || kept === installed) return;
		const now = programId(installed);
		if (now === undefined || now === basename(kept)) return;
		isUpdated = true;
		const text =
			'agent-room was updated; this room keeps the program it started with. To use the new one: `agent-room stop && agent-room`.';
		facts.log(text);
		record.setBanner('updated', {severity: 'warning', text});
		setTimeout(() => record.setBanner('updated', undefined), SUGGESTED_MS).unref();
	};
	const followRemote = (): Promise<void> => followBase(room).catch(failed(room, 'following the remote'));
	const watchBase = (onMove: () => void): void => {
		const noteRefs = notingOtherRefs(room);
		noteRefs();
		const watching = facts.guardian.watchBase(head => {
			noteRefs();
			record.setBaseCommit(head);
			if (hasSnapshot) void judgeBase(room).then(followRemote);
			onMove();
			tryHeldAgain();
			lifecycle.requestTick();
		});
		void ended.then(() => watching.close());
	};

	return {
		room,
		ended,
		drain,
		stop,
		onEvent: listener => void listeners.add(listener),
		whileRunning: (what, check) => void timers.push(every(BLOCKED_CHECK_MS, room, what, check)),
		go: () => {
			void followStream(room, onChange);
			void beat(room).catch(failed(room, 'beat'));
			timers.push(every(Math.max(100, Math.floor(facts.config.lease / 3)), room, 'beat', () => beat(room)));
			timers.push(every(BLOCKED_CHECK_MS, room, 'checks of blocking changes', () => watchBlocked(room)));
			timers.push(every(BLOCKED_CHECK_MS, room, 'the git store', keepStore));
			timers.push(every(UPDATE_MS, room, 'an update', lookForUpdate));
			timers.push(every(KEPT_MS, room, 'kept files', () => tidyKept(room, Date.now())));
			if (facts.guardian.store.remote) {
				timers.push(every(BLOCKED_CHECK_MS, room, 'the remote', () => watchRemote(room)));
				timers.push(every(BLOCKED_CHECK_MS, room, 'following the remote', () => followBase(room)));
			}
			if (opensPulls(room)) {
				const pulls = watchPulls(room);
				timers.push(every(BLOCKED_CHECK_MS, room, 'pull requests', pulls.look));
				timers.push(every(BLOCKED_CHECK_MS, room, 'draft pull requests', watchDrafts(room)));
				merges.pulls = pulls;
			}
			fullTests = watchFullTests(room);
			timers.push(every(FULL_TESTS_MS, room, 'the tests of the base', fullTests.look));
			merges.fullTests = fullTests;
			if (isTeam(room)) {
				const unneeded: Unneeded = new Set();
				timers.push(every(BLOCKED_CHECK_MS, room, 'what may leave', () => shareAllowed(room)));
				timers.push(
					every(FORGET_MS, room, 'unused files', async () => {
						// One room of the team tidies up.
						if (lead.isOurs()) await forgetUnneeded(room, unneeded);
					}),
				);
			}
			if (facts.config.limits.disk !== undefined) timers.push(every(LOOK_AT_DISK_MS, room, 'the disk', () => watchDisk(room)));
			timers.push(every(QUESTIONS_MS, room, 'questions', questions.look));
			const sweeping = startSweeper(room, redis);
			sweeper = sweeping;
			startHints(room, redis, sweeping.soon, message =>
				beginning.teamPanes?.heard(message, (agent, text) => typeLine(room, {agent, text})),
			);
			stopLead = keepLead(lead, {
				mayLook: () => link.isConnected() && !link.isRecovering(),
				isAside: async () => {
					if (facts.config.merge !== 'push' || !isLongAway(merges.remote, facts.config.lease, performance.now())) return false;
					const {rooms, now} = await link.coordination.rooms();
					return hasBetterLeader(facts.self.name, rooms, now);
				},
				onChange: () => {
					sweeping.soon();
					// Moves of the base while another room led, or none did, are judged now.
					if (hasSnapshot && isPushing(facts.config) && lead.isOurs()) judgeFirst().catch(failed(room, 'the merges'));
					lifecycle.requestTick();
				},
				log: facts.log,
			});
			const predictor = startPredictor(room);
			listeners.add(predictor.heard);
			listeners.add(keepingJournal(redis.journal));
			void ended.then(predictor.close);
			watchBase(predictor.moved);
			void ended.then(watchRedis(redis, record, {log: facts.log, lookAtLoss: () => lookAtLoss(room, redis), heal: healing(room, redis)}));
		},
	};
};
