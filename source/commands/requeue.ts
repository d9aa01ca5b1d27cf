import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room requeue TASK`. */
export const requeue: RunCommand = invocation => order(invocation, {type: 'requeue-task', task: invocation.input[0] ?? ''});
