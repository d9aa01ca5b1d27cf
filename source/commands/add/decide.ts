import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {idsOf, refused} from '../client/answers.ts';
import {askIfRunning} from '../client/client.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {EXIT, type Invocation, isSet, type RunCommand, readText, textFlag} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';

type Decision = Extract<Action, {type: 'accept' | 'reject' | 'replan'}>;

/** Of the room where one runs; else decided on Redis itself, and a room takes it up when it is opened. */
const decide = async (invocation: Invocation, action: Decision): Promise<number> => {
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

const named = (invocation: Invocation): string => (invocation.input[0] ?? '').toLowerCase();

/** `agent-room accept TASK [--plan FILE|-]`: what the task asks may be so; a plan as it is, or as it stands in the file. */
export const accept: RunCommand = invocation => {
	const plan = textFlag(invocation, 'plan');
	return decide(invocation, {type: 'accept', task: named(invocation), ...(plan === '' ? {} : {plan: readText(invocation, plan)})});
};

/** `agent-room reject TASK [--reason TEXT]`: it goes back with these words; what is answered by a no alone needs none. */
export const reject: RunCommand = invocation =>
	decide(invocation, {type: 'reject', task: named(invocation), reason: textFlag(invocation, 'reason')});

/** `agent-room replan FEATURE [TEXT]`: the orchestrator plans it anew; `TEXT` says what is different now. */
export const replan: RunCommand = invocation => {
	const [, ...words] = invocation.input;
	return decide(invocation, {type: 'replan', feature: named(invocation), text: words.join(' ')});
};
