import type {ActionResult} from '../core/action.ts';
import {RedisLost} from '../redis/redis-lost.ts';
import {isRefusedForNow} from '../redis/refused-for-now.ts';
import type {Engine} from './engine.ts';
import type {RoomState} from './state.ts';

/** So often it is asked, after the order was written, whether the record has told it to this room, ms. */
const FOLDED_MS = 5000;

export const freezeText = (isFrozen: boolean): string => (isFrozen ? 'everything is frozen' : 'everything goes on');

/** The last freeze of a room, as long as Redis may not know it. */
type Order = {isWritten: boolean; isTakenBack: boolean};
const orders = new WeakMap<RoomState, Order>();

const takeBack = (engine: Engine, order: Order): ActionResult => {
	order.isTakenBack = true;
	engine.state.setFrozenHere(false);
	engine.wake();
	return {ok: true, text: 'this room goes on'};
};

/**
 * Freezes everything, or lets it go on (`give` writes either). Guarantee: a freeze waits for no Redis. This room's agents stop in place before it is written;
 * while Redis is away, hangs or refuses, they stay so, nothing lands, and the order is written as soon as it can be, unless it is taken back before.
 */
export const freeze = async (
	engine: Engine,
	isFrozen: boolean,
	give: (isFrozen: boolean) => Promise<ActionResult>,
): Promise<ActionResult> => {
	const {state, persist} = engine;
	const last = orders.get(state);
	if (!isFrozen) {
		if (state.isFrozenHere() && last && !last.isWritten) return takeBack(engine, last);
		state.setFrozenHere(false);
		return give(false);
	}
	const order: Order = {isWritten: false, isTakenBack: false};
	orders.set(state, order);
	state.setFrozenHere(true);
	engine.wake();
	// The record told it, or another has let everything go on since: from here on the record counts. Until Redis says either, this room stands.
	const settle = async (): Promise<void> => {
		if (orders.get(state) !== order || !state.isFrozenHere() || !engine.isRunning()) return;
		const control = await engine.coordination.snapshot().then(
			({team}) => team.control,
			() => undefined,
		);
		if (orders.get(state) !== order) return;
		if (control && (!control.frozen || state.team().control.frozen)) {
			state.setFrozenHere(false);
			engine.wake();
		} else setTimeout(() => void settle(), FOLDED_MS).unref();
	};
	const written = async (): Promise<void> => {
		order.isWritten = true;
		if (order.isTakenBack) await persist(() => give(false));
		else setTimeout(() => void settle(), FOLDED_MS).unref();
	};
	try {
		const result = await give(true);
		await written();
		return result;
	} catch (error) {
		if (!(error instanceof RedisLost) && !isRefusedForNow(error)) {
			state.setFrozenHere(false);
			throw error;
		}
	}
	persist(async () => {
		if (order.isTakenBack) return;
		await give(true);
		await written();
	}).catch(error => engine.log(`freezing: ${String(error)}`));
	return {ok: true, text: 'this room stands still; the rest of the team hears of it when Redis is back'};
};
