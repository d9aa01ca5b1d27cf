import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room stop`: the room ends in order, work is saved. */
export const stop: RunCommand = invocation => order(invocation, {type: 'stop-room'});
