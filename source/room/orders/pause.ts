import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {stageRole} from '../../core/task/stages.ts';
import {refusal} from '../../core/text/refusal.ts';
import {isRefusedForNow, RedisLost} from '../../redis/errors.ts';
import {standStill} from '../attempt/attempt.ts';
import {forgive} from '../attempt/finish.ts';
import type {Room} from '../parts/parts.ts';
import type {RoomState} from '../parts/state.ts';
import {statusOf} from '../session/status.ts';

type PauseRoom = Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>;

/** So often it is asked, after the order was written, whether the record has told it to this room, ms. */
const FOLDED_MS = 5000;

/** The last pause of an agent, as long as Redis may not know it. */
type Order = {isWritten: boolean; isTakenBack: boolean};
const orders = new WeakMap<RoomState, Map<string, Order>>();
const ordersOf = ({record}: Pick<Room, 'record'>): Map<string, Order> => {
	const known = orders.get(record) ?? new Map<string, Order>();
	orders.set(record, known);
	return known;
};

const tell = async ({link, record, slots}: Pick<Room, 'link' | 'record' | 'slots'>, id: string, isOn: boolean): Promise<void> => {
	const attempt = slots.attempt(id);
	const goingOn = attempt ? statusOf(attempt, {isPaused: false}) : (record.team().agents.get(id)?.task ?? '') === '' ? 'idle' : 'working';
	await link.coordination.describe(
		id,
		{paused: isOn ? '1' : '0', status: isOn ? 'paused' : goingOn, reason: isOn ? 'paused by you' : ''},
		isOn ? 'paused by you' : 'resumed by you',
	);
};

/** From here on the record counts: it has told the pause, or somebody has let the agent go on since. */
const settle = async (room: PauseRoom, id: string, order: Order): Promise<void> => {
	const isOver = (): boolean => ordersOf(room).get(id) !== order || !room.record.isPausedHere(id) || !room.lifecycle.isRunning();
	if (isOver()) return;
	const agent = await room.link.coordination.snapshot().then(
		({team}) => team.agents.get(id),
		() => undefined,
	);
	if (isOver()) return;
	if (agent && !agent.paused) {
		room.record.setPausedHere(id, false);
		room.lifecycle.wake();
	} else setTimeout(() => void settle(room, id, order), FOLDED_MS).unref();
};

/**
 * Pauses an agent. Guarantee: a pause waits for no Redis. Its processes stand still before anything is said; while Redis is away, hangs or refuses they stay
 * so, and the pause is written as soon as it can be, unless it is taken back before.
 */
const pause = async (room: PauseRoom, id: string, said: string): Promise<ActionResult> => {
	const order: Order = {isWritten: false, isTakenBack: false};
	ordersOf(room).set(id, order);
	room.record.setPausedHere(id, true);
	const attempt = room.slots.attempt(id);
	if (attempt && !attempt.isPaused && !attempt.isEnding) standStill(attempt);
	const written = async (): Promise<void> => {
		order.isWritten = true;
		if (order.isTakenBack) await room.link.persist(() => tell(room, id, false));
		else setTimeout(() => void settle(room, id, order), FOLDED_MS).unref();
	};
	try {
		await tell(room, id, true);
		await written();
		return {ok: true, text: said};
	} catch (error) {
		if (!(error instanceof RedisLost) && !isRefusedForNow(error)) {
			room.record.setPausedHere(id, false);
			throw error;
		}
	}
	room.link
		.persist(async () => {
			if (order.isTakenBack) return;
			await tell(room, id, true);
			await written();
		})
		.catch(error => room.facts.log(`pausing ${id}: ${String(error)}`));
	return {ok: true, text: `${agentName(id)} stands still; the rest of the team hears of it when Redis is back`};
};

/** Pauses an agent, or lets it go on; a rest and a wait of its account end with that. */
export const pauseAgent = async (room: PauseRoom, id: string, isOn: boolean): Promise<ActionResult> => {
	const agent = room.record.team().agents.get(id);
	if (!agent) return refusal('gone', `There is no agent \`${agentName(id)}\`.`, '`agent-room agents` lists them.');
	const merges = agent.role === stageRole('merge') ? `: merges ${isOn ? 'are held' : 'go on'}` : '';
	if (isOn) return pause(room, id, `${agentName(id)} is paused${merges}`);
	const last = ordersOf(room).get(id);
	const isUnknown = room.record.isPausedHere(id) && last !== undefined && !last.isWritten;
	room.record.setPausedHere(id, false);
	if (isUnknown) {
		last.isTakenBack = true;
		room.lifecycle.wake();
		return {ok: true, text: `${agentName(id)} goes on${merges}`};
	}
	if (room.record.team().control.brakes.some(({account}) => account === agent.account)) await room.link.coordination.unbrake(agent.account);
	forgive(room, id);
	await tell(room, id, false);
	return {ok: true, text: `${agentName(id)} goes on${merges}`};
};
