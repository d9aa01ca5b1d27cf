import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room retry TASK`. */
export const retry: RunCommand = invocation => order(invocation, {type: 'retry-task', task: (invocation.input[0] ?? '').toLowerCase()});
