import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import {terminate} from '../attempt/end.ts';
import {recheckMerges} from '../merge/merged-tasks.ts';
import type {Room} from '../parts/parts.ts';
import {decideLoss, inspectLoss, type RebuildPlace, tellLost} from '../recovery/rebuild.ts';
import type {RoomRedis} from '../redis/redis.ts';

/** Grace for attempts whose tokens no rebuilt task has, as at the end of a room, ms. */
const GRACE_MS = 3000;

/** What rebuilding needs of a room. */
export const placeOf = ({facts}: Pick<Room, 'facts'>, redis: RoomRedis): RebuildPlace => ({
	...{redis, store: facts.guardian.store, log: facts.log},
	namespace: facts.options.namespace,
});

/** What a human is told of the loss before a decision. */
export const lookAtLoss = async (room: Pick<Room, 'facts'>, redis: RoomRedis): Promise<string> =>
	tellLost(await inspectLoss(placeOf(room, redis), {isKeeping: false, base: room.facts.base}));

/**
 * Ends all attempts; returns by task the fields by which its next attempt starts from the work. Rebuilt data hold no leases: an attempt that
 * continued would work against its successor.
 */
const endAttempts = async (room: Room): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> => {
	const saved = new Map<string, Readonly<Record<string, string>>>();
	await Promise.all(
		room.slots.attempts().map(attempt =>
			terminate(room, attempt, {reason: 'Redis lost its data', graceMs: GRACE_MS}, async fields => {
				if (Object.keys(fields).length > 0) saved.set(attempt.task.id, fields);
			}),
		),
	);
	return saved;
};

/** Rooms with a decision in progress: a second one waits until the human sees the result of the first. */
const deciding = new WeakSet<RoomRedis>();

/** Carries out a human's decision about a Redis that lost its data (`decideLoss`); work resumes from there. */
export const rebuild = async (
	room: Room,
	redis: RoomRedis,
	{from, isTrial = false}: Extract<Action, {type: 'rebuild'}>,
): Promise<ActionResult> => {
	const {facts, link, record, lifecycle} = room;
	if (!link.isRecovering()) return refusal('refused', 'Nothing to rebuild: Redis has lost no data.', 'See `agent-room status`.');
	if (deciding.has(redis)) return refusal('refused', 'The rebuild is already running.', 'See `agent-room status`.');
	deciding.add(redis);
	try {
		const result = await decideLoss(placeOf(room, redis), {
			...{from, isTrial, base: facts.base},
			endAttempts: () => endAttempts(room),
			accept: link.acceptData,
		});
		if (!result.ok || isTrial) return result;
		record.setPausedHere('freeze', false);
		lifecycle.requestTick();
		const head = await facts.guardian.baseHead();
		await recheckMerges(room, head, 'you').catch(error => facts.log(`the merges after the rebuild: ${String(error)}`));
		return result;
	} finally {
		deciding.delete(redis);
	}
};
