import {costLine} from '../core/cost.ts';
import {isSet, type RunCommand} from './command.ts';
import {costText} from './cost-text.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {readStatus} from './read-status.ts';
import {readTasks} from './tasks.ts';

/** `agent-room cost`: what was used up, by agent, feature and task. */
export const cost: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	const {tasks} = await readTasks(invocation);
	const line = costLine(status, tasks);
	for (const text of isSet(invocation, 'json') ? [plainJson(line)] : costText(line)) invocation.print(text);
	return EXIT.ok;
};
