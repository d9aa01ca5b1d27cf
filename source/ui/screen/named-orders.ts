import type {KeyRow} from '../keymap/row.ts';
import {rateLimitsNow} from '../model/attention.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {lift} from '../state/open.ts';
import type {ViewState} from '../state/state.ts';

type NamedOrder = KeyRow & {readonly run: (state: ViewState, context: Context) => Updated};

/** Rare or large orders without a key: the palette offers them, and the config may bind them. */
export const NAMED_ORDERS: readonly NamedOrder[] = [
	{
		scope: 'room',
		keys: [],
		action: 'detach',
		words: ['q!', 'leave', 'background'],
		label: 'detach',
		help: 'detach (agents keep running)',
		group: 'ROOM',
		run: state => and(state, {type: 'detach'}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'detach-all',
		words: ['terminals', 'send home'],
		label: 'detach all',
		help: 'detach all terminals',
		group: 'ROOM',
		run: state => and(state, {type: 'dispatch', action: {type: 'detach-all'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'stop-room',
		words: ['end', 'shut down', 'exit'],
		label: 'stop the room',
		help: 'stop room… (saves work)',
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
		help: 'pause all agents',
		group: 'AGENT',
		run: state => and(state, {type: 'dispatch', action: {type: 'pause-all'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'resume-all',
		words: ['go on'],
		label: 'resume all',
		help: 'resume all agents',
		group: 'AGENT',
		run: state => and(state, {type: 'dispatch', action: {type: 'resume-all'}}),
	},
	{
		scope: 'room',
		keys: [],
		action: 'unfreeze',
		words: ['unfreeze', 'resume'],
		label: 'unfreeze',
		help: 'unfreeze',
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
		help: 'reconnect to Redis',
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
		help: 'retry rate-limited accounts',
		group: 'ROOM',
		needs: 'throttle',
		run: (state, context) => {
			const rateLimits = rateLimitsNow(context.snapshot, context.now);
			return rateLimits.length > 0
				? and(state, ...rateLimits.map(({account}) => lift(account)))
				: refuse(state, 'No account is rate-limited.', context);
		},
	},
	{
		scope: 'room',
		keys: [],
		action: 'doctor',
		words: ['check', 'health', 'setup'],
		label: 'doctor',
		help: 'check requirements',
		group: 'ROOM',
		run: (state, {now}) => unchanged(say(state, 'Run `agent-room doctor` in a shell of this repository.', now)),
	},
];

const BY_ACTION = new Map(NAMED_ORDERS.map(order => [order.action, order]));

/** Runs one of these orders; undefined for other actions. */
export const runNamed = (state: ViewState, action: string, context: Context): Updated | undefined =>
	BY_ACTION.get(action)?.run(state, context);
