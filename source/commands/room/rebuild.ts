import type {ActionResult} from '../../core/protocol/action.ts';
import {idsOf, refused} from '../client/answers.ts';
import {askIfRunning} from '../client/client.ts';
import {type Borrowed, viaRoomOrRedis} from '../client/via-room.ts';
import {agrees} from '../parse/agrees.ts';
import {EXIT, type Invocation, isSet, notReady, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';

/** Time limit, ms: ending and saving attempts and writing every task takes less. */
const PATIENCE_MS = 300_000;

type Order = {readonly from: 'journal' | 'redis'; readonly isTrial: boolean};

/** Decides on Redis directly if no room runs: its tasks wait for the next one. */
const withoutRoom = async (invocation: Invocation, {redis, place, base}: Borrowed, order: Order): Promise<ActionResult> => {
	if (redis.epoch.finding() === '')
		return {ok: false, code: 'refused', message: 'Nothing to rebuild: Redis has lost no data.', hint: 'See `agent-room status`.'};
	const [{decideLoss, endLeft}, {storeOf}] = await Promise.all([
		import('../../room/recovery/rebuild.ts'),
		import('../branches/checkout.ts'),
	]);
	return decideLoss(
		{redis, namespace: place.namespace, store: await storeOf(invocation), log: line => invocation.note(plainLine(line))},
		{
			...{...order, base},
			endAttempts: () => endLeft(place.stateFolder),
			accept: async () => {
				await redis.epoch.accept(redis.connection);
				await redis.epoch.check(redis.connection);
			},
		},
	);
};

/** `agent-room rebuild`: decides about a Redis that lost its data, in the room or without one. */
export const rebuild: RunCommand = async invocation => {
	const from = isSet(invocation, 'startEmpty') ? 'redis' : 'journal';
	const order: Order = {from, isTrial: isSet(invocation, 'dryRun')};
	const question = 'Give up the tasks that Redis lost?';
	const isAsked = from === 'redis' && !order.isTrial && !isSet(invocation, 'yes');
	if (isAsked && !(await agrees(question, 'agent-room rebuild --start-empty --yes')))
		throw notReady('declined', 'Nothing was changed.', '');
	const viaRoom = async (): Promise<ActionResult | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'dispatch', action: {type: 'rebuild', ...order}}, PATIENCE_MS);
		return reply && {ok: true, text: reply.message ?? '', ids: idsOf(reply)};
	};
	const result = await viaRoomOrRedis(invocation, viaRoom, borrowed => withoutRoom(invocation, borrowed, order));
	if (!result.ok) throw refused(result);
	const ids = result.ids ?? [];
	if (isSet(invocation, 'json')) invocation.print(plainJson({ok: true, text: result.text, data: {ids}}));
	else {
		invocation.print(plainLine(`${result.text[0]?.toUpperCase() ?? ''}${result.text.slice(1)}.`));
		for (const id of ids) invocation.print(plainLine(`  ${id}`));
	}
	return EXIT.ok;
};
