import {isSet, type RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room freeze [--off]`. */
export const freeze: RunCommand = invocation => order(invocation, {type: 'freeze', on: !isSet(invocation, 'off')});
