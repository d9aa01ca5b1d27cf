import {sessionSchema, sessionWords} from '../core/session-line.ts';
import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson, plainLine} from './plain-text.ts';
import {ask} from './room-client.ts';

/** What the room knows about why something is as it is. */
const SAID = ['state', 'stage', 'why', 'evidence', 'moves'] as const;

/** `agent-room explain AGENT|TASK`: why it is in the state it is in, and what would move it. */
export const explain: RunCommand = async invocation => {
	const {data} = await ask(invocation, {op: 'explain', id: invocation.input[0] ?? ''});
	const known: Readonly<Record<string, unknown>> = typeof data === 'object' && data ? {...data} : {};
	const {task: _task, ...line} = known;
	if (isSet(invocation, 'json')) invocation.print(plainJson(line));
	else {
		invocation.print(plainLine(String(known.id ?? '')));
		for (const name of SAID) if (known[name]) invocation.print(`  ${name.padEnd(9)} ${plainLine(String(known[name]))}`);
		const session = sessionSchema.safeParse(known.session);
		if (session.success) for (const [name, text] of sessionWords(session.data)) invocation.print(`  ${name.padEnd(9)} ${plainLine(text)}`);
	}
	return EXIT.ok;
};
