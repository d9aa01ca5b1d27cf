import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room unbrake ACCOUNT`: its agents are handed tasks again at once. */
export const unbrake: RunCommand = invocation => order(invocation, {type: 'unbrake', account: invocation.input[0] ?? ''});
