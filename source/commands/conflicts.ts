import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {readStatus} from './read-status.ts';
import {conflictLines} from './status-text.ts';

/** `agent-room conflicts`: one line for each two branches that would conflict as they are committed now. */
export const conflicts: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	const found = status.conflicts;
	const lines = isSet(invocation, 'json') ? found.map(plainJson) : conflictLines(found, status.at, status.repository.base);
	for (const line of lines) invocation.print(line);
	return EXIT.ok;
};
