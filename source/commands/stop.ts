import {setTimeout as delay} from 'node:timers/promises';
import {startOf} from '../git/process-identity.ts';
import type {RunCommand} from './command.ts';
import {CommandError} from './command-error.ts';
import {printReply} from './replies.ts';
import {ask} from './room-client.ts';

/** Agents get their time to end, their work is saved; all of it is bounded in the room, so this is only for one that hangs. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

/** `agent-room stop`: ends the room in order and returns when its process is gone, so that what follows finds nothing half-way. */
export const stop: RunCommand = async invocation => {
	const {data} = await ask(invocation, {op: 'ping'});
	const pid = typeof data === 'object' && data && 'pid' in data ? Number(data.pid) : 0;
	const start = startOf(pid);
	const reply = await ask(invocation, {op: 'dispatch', action: {type: 'stop-room'}});
	for (const since = performance.now(); start !== '' && startOf(pid) === start; await delay(PAUSE_MS)) {
		if (performance.now() - since > PATIENCE_MS)
			throw new CommandError('hangs', `The room (process ${pid}) is still stopping.`, `kill ${pid}`);
	}
	return printReply(invocation, {...reply, message: 'The room has ended; work is saved.'});
};
