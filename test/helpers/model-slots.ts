import {parseAgent} from '../../source/core/agent/agent.ts';
import {configSchema} from '../../source/core/config/config.ts';
import {parseTask} from '../../source/core/task/task.ts';
import type {Coordination, Lease} from '../../source/core/team/coordination.ts';
import {emptySnapshot, type TeamSnapshot} from '../../source/core/team/snapshot.ts';
import {RedisLost} from '../../source/redis/errors.ts';
import {type Attempt, newDeliveryState, type Workspace} from '../../source/room/parts/attempt.ts';
import {createMergeQueueMemo} from '../../source/room/parts/merge-queue.ts';
import type {Room} from '../../source/room/parts/parts.ts';
import {createRemoteMemory} from '../../source/room/parts/remote.ts';
import {isFree} from '../../source/room/parts/slot.ts';
import {createSlots, movesOf} from '../../source/room/parts/slot-moves.ts';
import {beat} from '../../source/room/scheduler/heartbeat.ts';
import {tick} from '../../source/room/scheduler/tick.ts';
import {createLastReported} from '../../source/room/session/status.ts';
import type {Pane} from '../../source/room/team/pane.ts';
import type {PlannedAgent} from '../../source/room/team/team.ts';

const ROOM = 'room:1';

/** What Redis has of an agent. */
type Holder = {token: string; task: string; isWaiting: boolean; status: string; isPaused: boolean};
/** A step that is under way, and what comes of it: `at` chooses among what may. */
type Step = {readonly what: string; readonly go: (at: number) => void};

/**
 * The real claims, endings, heartbeat and decisions of a room over a Redis, programs and worktrees that are played: every call hangs until the
 * model lets it go on, so that answers, ends and the record come in any order.
 */
export const playedRoom = () => {
	const log: string[] = [];
	const pending: Step[] = [];
	const begun: string[] = [];
	const live = new Map<string, (isGood: boolean) => void>();
	const holders = new Map<string, Holder>();
	/** Token of each agent that this room was told of, by an answer or by the record. */
	const told = new Map<string, string>();
	let tokens = 0;
	let entries = 1;
	let hasProblem = true;
	let team: TeamSnapshot = emptySnapshot;

	/** Hangs until it is let go on; `mayFail`: it may come to an error instead. */
	const hang = (what: string, mayFail = false): Promise<number> =>
		new Promise((resolve, reject) =>
			pending.push({what, go: at => (mayFail && hasProblem && at % 12 === 0 ? reject(new RedisLost(true)) : resolve(at))}),
		);
	const holder = (agent: string): Holder => {
		const found = holders.get(agent);
		if (!found) throw new Error(`nobody is called ${agent}`);
		return found;
	};
	const grant = (agent: string): Lease => {
		const lease = {agent, task: `t-${++tokens}`, token: `${tokens}:x`};
		Object.assign(holder(agent), {...lease, isWaiting: false, status: 'working'});
		return lease;
	};
	const isHeld = ({agent, token}: Pick<Lease, 'agent' | 'token'>): boolean => holders.get(agent)?.token === token;
	const release = (agent: string): void => void Object.assign(holder(agent), {token: '', task: '', status: 'idle'});
	const whole = ({task, token}: Pick<Lease, 'task' | 'token'>) =>
		({
			...parseTask(task, {stage: 'review', role: 'code-sentinel', state: 'leased', token, commit: 'c'}),
			description: '',
			feedback: '',
		}) as never;
	/** A write under a token: it ends the lease where that is the current one. */
	const ending = async (what: string, task: string, token: string): Promise<{readonly agent: string; readonly at: number} | undefined> => {
		const at = await hang(what, true);
		const [agent] = [...holders].find(([, held]) => held.token === token && held.task === task) ?? [];
		if (agent === undefined) return undefined;
		release(agent);
		return {agent, at};
	};
	const written = async (what: string, task: string, token: string): Promise<'ok' | 'stale'> =>
		(await ending(what, task, token)) ? 'ok' : 'stale';

	const renewed = async (held: Lease): Promise<'ok' | 'stale'> => {
		await hang(`renewal of ${held.task}`);
		return isHeld(held) ? 'ok' : 'stale';
	};

	const coordination = {
		claim: async ({agent, waits}) => {
			const at = await hang(`claim of ${agent}`, true);
			const held = holder(agent);
			if (held.token !== '') return {code: 'busy'};
			if (at % 2 === 0 && !held.isPaused) {
				const lease = grant(agent);
				await hang(`answer to the claim of ${agent}`, true);
				told.set(agent, lease.token);
				return {code: 'ok', task: whole(lease), token: lease.token, leaseUntil: 0};
			}
			if (waits && !held.isPaused) held.isWaiting = true;
			await hang(`answer to the claim of ${agent}`, true);
			return {code: held.isPaused ? 'paused' : 'none'};
		},
		task: async id => {
			await hang(`look at ${id}`, true);
			const held = [...holders.values()].find(({task}) => task === id);
			return held && whole(held);
		},
		complete: async ({task, token, nextCall}) => {
			const ended = await ending(`result of ${task}`, task, token);
			if (!ended) return {code: 'stale'};
			const {agent, at} = ended;
			const next = nextCall && !holder(agent).isPaused && at % 2 === 0 ? grant(agent) : undefined;
			if (nextCall && !next && !holder(agent).isPaused) holder(agent).isWaiting = true;
			await hang(`answer to the result of ${task}`);
			if (next) told.set(agent, next.token);
			return {code: 'ok', ...(next ? {handed: {...next, leaseUntil: 0}} : {})};
		},
		fail: ({task, token}) => written(`failure of ${task}`, task, token),
		release: ({task, token}) => written(`release of ${task}`, task, token),
		reclaim: ({task, token}) => written(`return of ${task}`, task, token),
		renew: held => renewed(held),
		progress: held => renewed(held),
		updateAgent: async (agent, fields) => {
			await hang(`status of ${agent}`);
			const held = holders.get(agent);
			if (held && fields.status) held.status = fields.status;
			if (held && fields.status !== 'idle' && fields.status !== undefined) held.isWaiting = false;
			return 'ok';
		},
		heartbeat: async ({agents, held}) => {
			const free = new Set(slots.all().flatMap(slot => (isFree(slot) ? [slot.agent.id] : [])));
			await hang('beat', true);
			const answer = {
				now: 0,
				stale: held.filter(lease => !isHeld(lease)).map(({task}) => task),
				leases: agents.flatMap(agent => (holder(agent).token ? [{agent, task: holder(agent).task, token: holder(agent).token}] : [])),
				waiting: agents.filter(agent => holder(agent).isWaiting),
			};
			await hang('answer to the beat', true);
			// Of one that asks or works, its own answer tells.
			for (const {agent, token} of answer.leases) {
				const slot = slots.get(agent);
				if (slot && free.has(agent) && isFree(slot) && isHeld({agent, token})) told.set(agent, token);
			}
			return answer;
		},
		unread: async () => [],
	} satisfies Partial<Coordination> as unknown as Coordination;

	const slots = createSlots(line => log.push(line));
	const record = {
		team: () => team,
		getFresh: () => ({team}),
		baseCommit: () => '',
		pausedHere: () => new Set(),
		serverNow: () => 0,
		setClockOffset: () => undefined,
		setBeats: () => undefined,
	} as unknown as Room['record'];
	const room: Room = {
		facts: {
			config: configSchema.parse({test: 'true'}),
			roomId: ROOM,
			base: 'main',
			guardian: {folder: '', store: {}},
			options: {stateFolder: '/nowhere'},
			paths: {},
			newNonce: () => 'n',
			log: (line: string) => void log.push(line),
		} as unknown as Room['facts'],
		link: {
			coordination,
			retryUntilWritten: write => write(),
			refused: () => undefined,
			isConnected: () => true,
			isRecovering: () => false,
			finding: () => '',
			journaled: async () => undefined,
			hasLostData: async () => false,
			acceptData: async () => undefined,
			whenConnected: async () => undefined,
		},
		lead: {isOurs: () => true, room: () => ROOM, token: () => '1:l', as: write => write()},
		record,
		slots,
		merges: {
			mergeQueue: createMergeQueueMemo(),
			mergeBackoff: new Map(),
			failedStarts: new Map(),
			notBefore: new Map(),
			moves: {head: '', left: [], alarm: undefined, decided: '', judging: Promise.resolve(), isByHand: false},
			remote: createRemoteMemory(),
			workBase: async () => '',
			branchHead: async () => '',
		},
		lifecycle: {
			isOpen: () => true,
			close: () => undefined,
			isRunning: () => true,
			requestTick: () => undefined,
			begun: new Set(),
			returning: new Set(),
			cleaning: new Set(),
		},
	};

	/** In place of a worktree, and of a program in it. */
	const prepareWorkspace = async (): Promise<Workspace> => {
		const at = await hang('making of a place', true);
		return {
			...{folder: '', branch: '', command: () => [], environment: {}},
			fields: at % 2 === 0 ? {worktree: 'w'} : {},
			leave: async () => void (await hang('leaving of a place')),
			discard: async () => void (await hang('discarding of a place')),
		};
	};
	const startAttempt = async ({
		agent,
		task,
		token,
		workspace,
	}: Pick<Attempt, 'agent' | 'task' | 'token' | 'workspace'>): Promise<Attempt> => {
		await hang('start of a process', true);
		begun.push(token);
		const ended = Promise.withResolvers<{exitCode: number; signal: string}>();
		const over = Promise.withResolvers<void>();
		const attempt = {
			...{
				agent,
				task,
				token,
				workspace,
				startedAt: performance.now(),
				activeAt: 0,
				pid: 1,
				delivery: newDeliveryState(),
				told: createLastReported(),
			},
			...{
				isPaused: false,
				pausedAt: 0,
				wasSeen: false,
				isEnding: false,
				blocked: '',
				endReason: '',
				progress: [],
				entries: [],
				questions: [],
			},
			ended: ended.promise,
			over: over.promise,
			closeOver: over.resolve,
			stop: () => undefined,
			resume: () => undefined,
			end: async () => finish(false),
			socket: {path: '', close: async () => undefined},
			surrounded: {home: '', leave: async () => undefined, exceeded: () => '', problem: async () => ''},
		} as unknown as Attempt;
		const finish = (isGood: boolean): void => {
			if (!live.delete(token)) return;
			if (isGood) attempt.reported = {kind: 'done', verdict: 'approve'} as Attempt['reported'];
			ended.resolve({exitCode: isGood ? 0 : 1, signal: ''});
		};
		live.set(token, finish);
		return attempt;
	};

	const pane = {say: () => undefined, info: () => ({outputAt: 0}), printedAt: () => 0, screen: {tail: () => []}} as unknown as Pane;
	const join = (id: string): void => {
		holders.set(id, {token: '', task: '', isWaiting: false, status: 'idle', isPaused: false});
		movesOf(slots).add({id, role: 'code-sentinel', stages: ['review'], finish: 'exit'} as unknown as PlannedAgent, pane);
	};
	const fold = (): void => {
		const agents = [...holders].map(([id, {isPaused, isWaiting: _, ...fields}]) =>
			parseAgent(id, {...fields, room: ROOM, paused: isPaused ? '1' : '0'}),
		);
		const tasks = [...holders.values()].filter(({task}) => task !== '').map(({task, token}) => parseTask(task, {state: 'leased', token}));
		team = {
			...team,
			streamId: `${++entries}-0`,
			agents: new Map(agents.map(agent => [agent.id, agent])),
			tasks: new Map(tasks.map(task => [task.id, task])),
		};
		for (const {id, token} of agents) if (token !== '') told.set(id, token);
		for (const attempt of slots.attempts()) attempt.wasSeen ||= team.tasks.get(attempt.task.id)?.token === attempt.token;
	};
	const underWay = new Set<string>();
	let isBeating = false;
	const beatOnce = (): void => {
		if (isBeating) return;
		isBeating = true;
		void beat(room)
			.catch(() => undefined)
			.finally(() => {
				isBeating = false;
			});
	};
	return {
		...{room, log, pending, begun, live, holders, told, grant, release, join, fold, prepareWorkspace, startAttempt},
		beat: beatOnce,
		tick: () => tick(room, underWay),
		/** From here on nothing fails any more. */
		calm: () => {
			hasProblem = false;
		},
	};
};

export type PlayedRoom = ReturnType<typeof playedRoom>;
