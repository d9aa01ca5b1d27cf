import {describe} from 'vitest';
import type {RateLimit} from '../../../source/core/agent/rate-limit.ts';
import {DEV_1, dev, develop, expectWhys, NOW, type WhyRow} from '../../helpers/why.ts';

const until = NOW + 1_800_000;
const clock = new Date(until).toTimeString().slice(0, 5);
const rateLimit: RateLimit = {
	account: 'work',
	at: NOW - 1000,
	until,
	level: 1,
	by: 'agent:dev:002',
	probe: '',
	reason: 'too many requests',
};
const DEV_2 = 'agent:dev:002';
const idle = dev({status: 'idle', account: 'work'});
const lifts = 'it then continues; `agent-room clear-rate-limit work` tries now';

const ROWS: readonly WhyRow[] = [
	[
		'an account that waits, with who was told',
		{...develop, state: 'ready'},
		{agents: {[DEV_1]: idle, [DEV_2]: idle}, control: {rateLimits: [rateLimit]}},
		`work is rate-limited until ${clock} (reported by dev-2)`,
		lifts,
	],
	[
		'nothing, where somebody of another account released',
		{...develop, state: 'ready'},
		{agents: {[DEV_1]: idle, [DEV_2]: dev({status: 'idle', account: 'home'})}, control: {rateLimits: [rateLimit]}},
		'ready',
		'',
	],
	[
		'nothing, once its time is over',
		{...develop, state: 'ready'},
		{agents: {[DEV_1]: idle}, control: {rateLimits: [{...rateLimit, until: NOW}]}},
		'ready',
		'',
	],
	[
		'the one that tries for the others',
		{...develop, state: 'ready'},
		{agents: {[DEV_1]: idle}, control: {rateLimits: [{...rateLimit, probe: DEV_2}]}},
		'work was rate-limited: dev-2 tries again before the others',
		'',
	],
	[
		'the agent whose session was cut off',
		{...develop, state: 'ready', prefers: DEV_2, readyAt: String(NOW - 1000)},
		{agents: {[DEV_1]: idle, [DEV_2]: dev({status: 'crashed'})}},
		'reserved for dev-2 (20 s) to continue its session',
		'',
	],
	[
		'the wait of its account before that',
		{...develop, state: 'ready', prefers: DEV_1, readyAt: String(NOW - 1000)},
		{agents: {[DEV_1]: idle, [DEV_2]: idle}, control: {rateLimits: [rateLimit]}},
		`work is rate-limited until ${clock} (reported by dev-2)`,
		lifts,
	],
	[
		'that agent once its account released again',
		{...develop, state: 'ready', prefers: DEV_1, readyAt: String(NOW - 60_000)},
		{agents: {[DEV_1]: idle, [DEV_2]: idle}, control: {rateLimits: [{...rateLimit, until: NOW - 1000}]}},
		'reserved for dev-1 (20 s) to continue its session',
		'',
	],
	[
		'nothing more of it after its time',
		{...develop, state: 'ready', prefers: DEV_2, readyAt: String(NOW - 20_000)},
		{agents: {[DEV_1]: idle, [DEV_2]: dev({status: 'crashed'})}},
		'ready',
		'',
	],
];

describe('a task that nobody takes for the sake of an account or a session says', () => expectWhys(ROWS));
