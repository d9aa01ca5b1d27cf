import {type MergeCheck, mergeCheckSchema} from '../core/merge-check.ts';
import {sessionSchema, sessionWords} from '../core/session-line.ts';
import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson, plainLine} from './plain-text.ts';
import {ask} from './room-client.ts';

/** What the room knows about why something is as it is. */
const SAID = ['state', 'stage', 'why', 'cause', 'evidence', 'moves'] as const;

/** The verdict, and each check that has something to say. */
const mergeWords = ({verdict, reason, checks, risk}: MergeCheck): readonly (readonly [string, string])[] => [
	['merge', `${verdict}: ${reason}`],
	...checks.map(({name, state, text}) => [name, `${state === 'good' ? 'ok' : state}: ${text}`] as const),
	...(risk ? [['risk', `${risk.level}: ${risk.text}`] as const] : []),
];

/** `agent-room explain AGENT|TASK`: why it is in the state it is in, and what would move it. */
export const explain: RunCommand = async invocation => {
	const {data} = await ask(invocation, {op: 'explain', id: invocation.input[0] ?? ''});
	const known: Readonly<Record<string, unknown>> = typeof data === 'object' && data ? {...data} : {};
	const {task: _task, ...line} = known;
	if (isSet(invocation, 'json')) invocation.print(plainJson(line));
	else {
		invocation.print(plainLine(String(known.id ?? '')));
		for (const name of SAID) if (known[name]) invocation.print(`  ${name.padEnd(9)} ${plainLine(String(known[name]))}`);
		const merge = mergeCheckSchema.safeParse(known.merge);
		if (merge.success) for (const [name, text] of mergeWords(merge.data)) invocation.print(`  ${name.padEnd(9)} ${plainLine(text)}`);
		const session = sessionSchema.safeParse(known.session);
		if (session.success) for (const [name, text] of sessionWords(session.data)) invocation.print(`  ${name.padEnd(9)} ${plainLine(text)}`);
	}
	return EXIT.ok;
};
