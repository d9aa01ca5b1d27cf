import {isSet, type RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room drain [--off]`. */
export const drain: RunCommand = invocation => order(invocation, {type: 'drain', on: !isSet(invocation, 'off')});
