import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room detach`: every terminal is sent home, the team works on. */
export const detach: RunCommand = invocation => order(invocation, {type: 'detach-all'});
