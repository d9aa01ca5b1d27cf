import type {KeyRow} from '../keymap/row.ts';
import {rateLimitsNow} from '../model/attention.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {lift} from '../state/open.ts';
import type {ViewState} from '../state/state.ts';

/** An order of the room with all that it is: its key, where it has one, its words in the palette and the help, and what it does. */
type NamedOrder = KeyRow & {readonly run: (state: ViewState, context: Context) => Updated};

/**
 * Orders of the room, a row each. These have no keys of their own: they are rare, or too much for one key; the palette offers them, and the
 * config may give them keys.
 */
export const NAMED_ORDERS: readonly NamedOrder[] = [
	{
		scope: 'room',
		keys: [],
		action: 'detach',
		words: ['q!', 'leave', 'background'],
		label: 'detach',
		help: 'leave at once, agents go on',
		group: 'ROOM',
		run: state => and(state, {type: 'detach'}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'detach-all',
		words: ['terminals', 'send home'],
		label: 'detach all',
		help: 'send every terminal home, agents go on',
		group: 'ROOM',
		run: state => and(state, {type: 'dispatch', action: {type: 'detach-all'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'stop-room',
		words: ['end', 'shut down', 'exit'],
		label: 'stop the room',
		help: 'stop the room… (work is saved)',
		group: 'ROOM',
		isDanger: true,
		run: state => unchanged({...state, dialog: {kind: 'quit'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'pause-all',
		words: ['wait'],
		label: 'pause all',
		help: 'pause every agent',
		group: 'AGENT',
		run: state => and(state, {type: 'dispatch', action: {type: 'pause-all'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'resume-all',
		words: ['go on'],
		label: 'resume all',
		help: 'every paused agent goes on',
		group: 'AGENT',
		run: state => and(state, {type: 'dispatch', action: {type: 'resume-all'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'unfreeze',
		words: ['unfreeze', 'resume'],
		label: 'unfreeze',
		help: 'end the freeze, all go on',
		group: 'ROOM',
		needs: 'frozen',
		run: (state, context) =>
			context.snapshot.team.control.frozen
				? and(state, {type: 'dispatch', action: {type: 'freeze', on: false}})
				: refuse(state, 'Nothing is frozen.', context),
	},
	{
		scope: 'room',
		keys: [],
		action: 'kill-all',
		words: ['stop everything'],
		label: 'kill all',
		help: 'kill all agents…',
		group: 'AGENT',
		isDanger: true,
		run: state => unchanged({...state, dialog: {kind: 'kill-all'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'reconnect',
		words: ['redis', 'try again', 'connection'],
		label: 'reconnect',
		help: 'ask a lost Redis again now',
		group: 'ROOM',
		needs: 'redis-lost',
		run: (state, context) =>
			context.snapshot.redis.isConnected
				? refuse(state, 'Redis is connected.', context)
				: and(state, {type: 'dispatch', action: {type: 'reconnect'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'clear-rate-limit',
		words: ['rate limit', 'account', 'try again'],
		label: 'clear-rate-limit',
		help: 'accounts that wait try again now',
		group: 'ROOM',
		needs: 'throttle',
		run: (state, context) => {
			const rateLimits = rateLimitsNow(context.snapshot, context.now);
			return rateLimits.length > 0
				? and(state, ...rateLimits.map(({account}) => lift(account)))
				: refuse(state, 'No account waits: all may work.', context);
		},
	},
	{
		scope: 'room',
		keys: [],
		action: 'doctor',
		words: ['check', 'health', 'setup'],
		label: 'doctor',
		help: 'is everything here that a room needs?',
		group: 'ROOM',
		run: (state, {now}) => unchanged(say(state, 'In a shell of this repository: `agent-room doctor` looks at everything.', now)),
	},
];

const BY_ACTION = new Map(NAMED_ORDERS.map(order => [order.action, order]));

/** Does what an action of the table above is said to do; undefined where it is none of them. */
export const runNamed = (state: ViewState, action: string, context: Context): Updated | undefined =>
	BY_ACTION.get(action)?.run(state, context);
