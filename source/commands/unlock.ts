import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room unlock NAME`. */
export const unlock: RunCommand = invocation => order(invocation, {type: 'unlock', name: invocation.input[0] ?? ''});
