import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room cancel TASK`. */
export const cancel: RunCommand = invocation => order(invocation, {type: 'cancel-task', task: invocation.input[0] ?? ''});
