import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {stageRole} from '../../core/task/stages.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {refusal} from '../../core/text/refusal.ts';
import {isRefusedForNow, RedisLost} from '../../redis/errors.ts';
import {standStill} from '../attempt/attempt.ts';
import {forgive} from '../attempt/finish.ts';
import type {Room} from '../parts/parts.ts';
import {isToldPaused, type Pausable, type RoomState} from '../parts/state.ts';
import {statusOf} from '../session/status.ts';
import {undecided} from './undecided.ts';

type PauseRoom = Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>;

/** Interval between checks whether the record has the written order, ms. */
const FOLDED_MS = 5000;

/** The last pause of one agent or of all, while Redis may not have it. */
type Order = {isWritten: boolean; isTakenBack: boolean};
const orders = new WeakMap<RoomState, Map<Pausable, Order>>();
const ordersOf = ({record}: Pick<Room, 'record'>): Map<Pausable, Order> => {
	const known = orders.get(record) ?? new Map<Pausable, Order>();
	orders.set(record, known);
	return known;
};

/** One kind of pause: what stops, how Redis is told, and the text if Redis cannot be told. */
type Pausing = {
	readonly what: Pausable;
	readonly write: (isOn: boolean) => Promise<unknown>;
	readonly said: string;
	readonly saidAlone: string;
};

/** From here on the record decides: it has the pause, or something has ended it since. Until Redis confirms either, this room stays paused. */
const settle = async (room: PauseRoom, what: Pausable, order: Order): Promise<void> => {
	const isOver = (): boolean => ordersOf(room).get(what) !== order || !room.record.pausedHere().has(what) || !room.lifecycle.isRunning();
	if (isOver()) return;
	const team: TeamSnapshot | undefined = await room.link.coordination.snapshot().then(
		read => read.team,
		() => undefined,
	);
	if (isOver()) return;
	if (team && !isToldPaused(team, what)) {
		room.record.setPausedHere(what, false);
		room.lifecycle.requestTick();
	} else setTimeout(() => void settle(room, what, order), FOLDED_MS).unref();
};

/**
 * Pauses one agent or all. Guarantee: a pause never waits for Redis. Processes stop before anything is written; while Redis is away, hangs or
 * refuses they stay stopped, nothing merges if all are paused, and the pause is written as soon as possible, unless it is taken back before.
 */
const pause = async (room: PauseRoom, {what, write, said, saidAlone}: Pausing): Promise<ActionResult> => {
	const open = ordersOf(room).get(what);
	const isOpen = open !== undefined && !open.isWritten;
	// One order at a time is on its way to Redis; repeating or retracting it changes the same one.
	const order: Order = isOpen ? open : {isWritten: false, isTakenBack: false};
	order.isTakenBack = false;
	ordersOf(room).set(what, order);
	room.record.setPausedHere(what, true);
	const attempt = room.slots.attempt(what);
	if (attempt && !attempt.isPaused && !attempt.isEnding) standStill(attempt);
	room.lifecycle.requestTick();
	const alone: ActionResult = {ok: true, text: saidAlone};
	if (isOpen) return alone;
	const end = async (): Promise<void> => {
		if (!room.record.pausedHere().has(what)) await write(false);
	};
	const written = async (): Promise<void> => {
		order.isWritten = true;
		if (order.isTakenBack) await room.link.retryUntilWritten(end);
		else setTimeout(() => void settle(room, what, order), FOLDED_MS).unref();
	};
	try {
		await write(true);
		await written();
		return {ok: true, text: said};
	} catch (error) {
		if (!(error instanceof RedisLost) && !isRefusedForNow(error)) {
			ordersOf(room).delete(what);
			room.record.setPausedHere(what, false);
			throw error;
		}
	}
	room.link
		.retryUntilWritten(async () => {
			if (order.isTakenBack) ordersOf(room).delete(what);
			else {
				await write(true);
				await written();
			}
		})
		.catch(error => room.facts.log(`pausing ${what}: ${String(error)}`));
	return alone;
};

/** Ends a pause in this room. Returns whether that was all: Redis never had it. */
const takeBack = (room: Pick<Room, 'record' | 'lifecycle'>, what: Pausable): boolean => {
	const last = ordersOf(room).get(what);
	const isUnknown = room.record.pausedHere().has(what) && last !== undefined && !last.isWritten;
	room.record.setPausedHere(what, false);
	if (!isUnknown) return false;
	last.isTakenBack = true;
	room.lifecycle.requestTick();
	return true;
};

const tell = async ({link, record, slots}: Pick<Room, 'link' | 'record' | 'slots'>, id: string, isOn: boolean): Promise<void> => {
	const attempt = slots.attempt(id);
	const goingOn = attempt ? statusOf(attempt, {isPaused: false}) : (record.team().agents.get(id)?.task ?? '') === '' ? 'idle' : 'working';
	await link.coordination.updateAgent(
		id,
		{paused: isOn ? '1' : '0', status: isOn ? 'paused' : goingOn, reason: isOn ? 'paused by you' : ''},
		isOn ? 'paused by you' : 'resumed by you',
	);
};

/** Pauses or resumes an agent; resuming also ends its rest and its account's rate limit. */
export const pauseAgent = async (room: PauseRoom, id: string, isOn: boolean): Promise<ActionResult> => {
	const agent = room.record.team().agents.get(id);
	if (!agent) return refusal('gone', `Unknown agent \`${agentName(id)}\`.`, 'List agents with `agent-room agents`.');
	const merges = agent.role === stageRole('merge') ? `: merging is ${isOn ? 'paused' : 'resumed'}` : '';
	if (isOn)
		return pause(room, {
			what: id,
			write: on => tell(room, id, on),
			said: `${agentName(id)} is paused${merges}`,
			saidAlone: `${agentName(id)} is paused here; other rooms learn of it when Redis is back`,
		});
	if (takeBack(room, id)) return {ok: true, text: `${agentName(id)} resumed${merges}`};
	if (room.record.team().control.rateLimits.some(({account}) => account === agent.account))
		await room.link.coordination.clearRateLimit(agent.account);
	forgive(room, id);
	await tell(room, id, false);
	return {ok: true, text: `${agentName(id)} resumed${merges}`};
};

const ALONE = 'this room is frozen; other rooms learn of it when Redis is back';
const GOES_ON: ActionResult = {ok: true, text: 'this room is unfrozen'};

/** Freezes or unfreezes everything. */
export const freeze = async (room: PauseRoom, isOn: boolean): Promise<ActionResult> => {
	const said = (on: boolean): string => (on ? 'everything is frozen' : 'unfrozen');
	const write = (on: boolean): Promise<unknown> => room.link.coordination.control({frozen: on}, said(on));
	if (isOn) return pause(room, {what: 'freeze', write, said: said(true), saidAlone: ALONE});
	const refused = await undecided(room);
	if (refused) return refused;
	if (takeBack(room, 'freeze')) return GOES_ON;
	await write(false);
	return {ok: true, text: said(false)};
};

/** Pauses all agents; those paused individually stay so when the others resume. */
export const pauseAll = (room: PauseRoom): Promise<ActionResult> =>
	pause(room, {
		what: 'all',
		write: on => room.link.coordination.control({paused: on}, on ? 'all agents are paused' : 'all agents resumed'),
		said: 'all agents are paused',
		saidAlone: ALONE,
	});

/** Says that all resume, and which do not: those paused individually. */
const goesOn = ({record}: Pick<Room, 'record'>): string => {
	const names = [...record.team().agents.values()].filter(agent => agent.paused).map(({id}) => agentName(id));
	const [first] = names;
	return first === undefined
		? 'all agents resumed'
		: `all agents resumed except ${names.join(', ')}, paused individually: \`agent-room resume ${first}\``;
};

/** Ends a pause of all agents and a freeze; asks Redis only if it may have either. */
export const resumeAll = async (room: PauseRoom): Promise<ActionResult> => {
	const refused = await undecided(room);
	if (refused) return refused;
	const unknown = ['all', 'freeze'].filter(what => takeBack(room, what));
	const {control} = room.record.team();
	if (unknown.length > 0 && !control.paused && !control.frozen) return GOES_ON;
	const text = goesOn(room);
	await room.link.coordination.control({paused: false, frozen: false}, text);
	return {ok: true, text};
};
