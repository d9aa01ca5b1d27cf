import type {ActionResult} from '../../core/protocol/action.ts';
import {idsOf, refused} from '../client/answers.ts';
import {askIfRunning} from '../client/client.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {type Decision, EXIT, type Invocation, isSet} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';

/** Decides by the running room, else in Redis; the next room picks it up. */
export const decide = async (invocation: Invocation, action: Decision): Promise<number> => {
	const viaRoom = async (): Promise<ActionResult | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'dispatch', action});
		return reply && {ok: true, text: reply.message ?? '', ids: idsOf(reply)};
	};
	const result = await viaRoomOrRedis(invocation, viaRoom, async borrowed => {
		const [{decideOffline}, {planningWithoutRoom}] = await Promise.all([
			import('../../room/planning/decision.ts'),
			import('./planning.ts'),
		]);
		return decideOffline((await planningWithoutRoom(borrowed)).room, action);
	});
	if (!result.ok) throw refused(result);
	if (isSet(invocation, 'json')) invocation.print(plainJson({ok: true, text: result.text, data: {ids: result.ids ?? []}}));
	else for (const line of [result.text, ...(result.ids ?? []).map(id => `  ${id}`)]) invocation.print(plainLine(line));
	return EXIT.ok;
};
