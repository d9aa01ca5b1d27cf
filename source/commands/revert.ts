import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room revert TASK`. */
export const revert: RunCommand = invocation => order(invocation, {type: 'revert-task', task: (invocation.input[0] ?? '').toLowerCase()});
