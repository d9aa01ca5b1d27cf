import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {readStatus} from './read-status.ts';
import {taskLines} from './status-text.ts';

/** `agent-room tasks`: one line a task, with why it waits. */
export const tasks: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	const lines = isSet(invocation, 'json') ? status.tasks.map(plainJson) : taskLines(status.tasks, status.at);
	for (const line of lines) invocation.print(line);
	return EXIT.ok;
};
