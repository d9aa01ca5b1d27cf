import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room release TASK`. */
export const release: RunCommand = invocation => order(invocation, {type: 'release-task', task: invocation.input[0] ?? ''});
