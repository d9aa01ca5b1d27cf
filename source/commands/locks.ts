import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {readStatus} from './read-status.ts';
import {lockLines} from './status-text.ts';

/** `agent-room locks`: one line a lock; a task's own lock is its lease and stands with the task. */
export const locks: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	const lines = isSet(invocation, 'json') ? status.locks.map(plainJson) : lockLines(status.locks, status.at);
	for (const line of lines) invocation.print(line);
	return EXIT.ok;
};
