import {isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {readStatus} from './read-status.ts';
import {agentLines} from './status-text.ts';

/** `agent-room agents`: one line an agent. */
export const agents: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	const lines = isSet(invocation, 'json') ? status.agents.map(plainJson) : agentLines(status);
	for (const line of lines) invocation.print(line);
	return EXIT.ok;
};
