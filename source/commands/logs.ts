import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson, plainLine} from './plain-text.ts';
import {ask} from './room-client.ts';

/** `agent-room logs AGENT|TASK`: what stood on its screen, cleaned of control characters; the file of the whole output on stderr. */
export const logs: RunCommand = async invocation => {
	const {data} = await ask(invocation, {op: 'logs', id: invocation.input[0] ?? ''});
	const {lines, file}: {lines?: unknown; file?: unknown} = typeof data === 'object' && data ? data : {};
	if (isSet(invocation, 'json')) {
		invocation.print(plainJson({lines, file}));
		return EXIT.ok;
	}
	const text = Array.isArray(lines) ? lines.map(String) : [];
	for (const line of text.slice(0, text.findLastIndex(line => line.trim() !== '') + 1)) invocation.print(plainLine(line));
	if (typeof file === 'string' && file) invocation.note(plainLine(`The whole output: ${file}`));
	return EXIT.ok;
};
