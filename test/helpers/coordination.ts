import type {Submission} from '../../source/core/intake/submission.ts';
import type {Stage} from '../../source/core/task/task.ts';
import {STAGES} from '../../source/core/task/task.ts';
import type {Claimed, Completion, Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {readScript, repliesOf} from './lua.ts';

let opIds = 0;
let nonces = 0;
export const nextOpId = (): string => `op-${process.pid}-${++opIds}`;
export const nextNonce = (): string => `nonce${++nonces}`;

/** The connection, on which a script that answers with a word that its header does not list fails the test. */
const documented = (connection: RedisConnection): RedisConnection => {
	const run: RedisConnection['run'] = async (script, keys, args) => {
		const reply = await connection.run(script, keys, args);
		const known = repliesOf(readScript(script.name));
		const word = Array.isArray(reply) ? String(reply[0]) : '';
		if (known.length > 0 && word !== 'superseded' && !known.includes(word))
			throw new Error(`The script \`${script.name}\` answers \`${word}\`, which it does not list.`);
		return reply;
	};
	return Object.assign(Object.create(connection) as RedisConnection, {run});
};

export const coordinationOn = (connection: RedisConnection, namespace = 'workflow', newOpId = nextOpId): Coordination =>
	createCoordination({connection: documented(connection), namespace, newOpId});

/** A task to submit, with what a test does not care about filled in. */
export const submission = (given: Partial<Submission> = {}): Submission => ({
	id: '',
	title: 'a task',
	description: '',
	stage: 'develop',
	role: 'developer',
	priority: 50,
	needs: [],
	after: [],
	feature: '',
	attempts: 3,
	assigned: '',
	...given,
});

export const joins = async (
	team: Coordination,
	id: string,
	role = 'developer',
	capabilities: readonly string[] = [],
	room = 'r1',
	account = '',
): Promise<string> => team.register({id, role, capabilities, room, harness: 'scripted', host: 'here', account});

export const claims = (
	team: Coordination,
	agent: string,
	{leaseMs = 30_000, stages = STAGES as readonly Stage[], room = 'r1', wanted = ''} = {},
) => team.claim({agent, room, leaseMs, nonce: nextNonce(), stages, wanted});

/** Claims and fails the test where nothing was given. */
export const takes = async (team: Coordination, agent: string, options: Parameters<typeof claims>[2] = {}): Promise<Claimed> => {
	const claimed = await claims(team, agent, options);
	if (claimed.code !== 'ok') throw new Error(`${agent} was given nothing: ${claimed.code}`);
	return claimed;
};

export const completion = (claimed: Claimed, given: Partial<Completion> & Pick<Completion, 'next' | 'nextRole'>): Completion => ({
	task: claimed.task.id,
	agent: claimed.task.owner,
	token: claimed.token,
	stage: claimed.task.stage,
	word: 'done',
	fields: {},
	counts: 'none',
	delayMs: 0,
	text: '',
	...given,
});
