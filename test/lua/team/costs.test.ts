import {expect, test} from 'vitest';
import type {Claimed, Coordination} from '../../../source/core/team/coordination.ts';
import {completion, coordinationOn, joins, nextNonce, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile(['--appendonly', 'no']);

/** Commands that Redis runs for `work`, those inside scripts one by one: a cost that no load on the machine moves. */
const commandsOf = async (work: () => Promise<unknown>): Promise<number> => {
	await server.connection.call('CONFIG', 'RESETSTAT');
	await work();
	const stats = String(await server.connection.call('INFO', 'commandstats'));
	const rows = [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)];
	return rows.reduce(
		(sum, [, name = '', calls]) => (/^(evalsha|eval|fcall|function|config|info)/.test(name) ? sum : sum + Number(calls)),
		0,
	);
};

const ME = 'agent:dev:me';

/** What one task costs from submission to its end, step by step; two tasks are left for the next one. */
const costs = async (team: Coordination): Promise<Record<string, number>> => {
	// Every script is known to the server, and every key of this agent's exists.
	const first = await takes(team, ME);
	await team.complete(completion(first, {next: 'merged', nextRole: ''}));
	const submitted = await commandsOf(() => team.submit(submission()));
	let claimed: Claimed | undefined;
	const claim = await commandsOf(async () => {
		claimed = await takes(team, ME);
	});
	if (!claimed) throw new Error('nothing was claimed');
	const held = claimed;
	const progress = await commandsOf(() => team.progress({agent: ME, task: held.task.id, token: held.token}, {progress: '50%'}, 'half'));
	const renew = await commandsOf(() => team.renew({agent: ME, task: held.task.id, token: held.token}, 30_000));
	const nextCall = {leaseMs: 30_000, nonce: nextNonce(), stages: ['develop' as const]};
	let handed: {task: string; token: string} | undefined;
	const goOn = await commandsOf(async () => {
		const completed = await team.complete(completion(held, {next: 'merged', nextRole: '', nextCall}));
		handed = completed.code === 'ok' ? completed.handed : undefined;
	});
	expect(handed).toBeDefined();
	const complete = await commandsOf(() =>
		team.complete({...completion(held, {next: 'review', nextRole: 'code-sentinel'}), task: handed?.task ?? '', token: handed?.token ?? ''}),
	);
	return {submit: submitted, claim, progress, renew, 'complete and take the next': goOn, complete};
};

const few = async (): Promise<Coordination> => {
	const team = coordinationOn(server.connection, 'few');
	await joins(team, ME);
	await team.submitAll(Array.from({length: 4}, () => submission()));
	return team;
};

const many = async (): Promise<Coordination> => {
	const team = coordinationOn(server.connection, 'many');
	await joins(team, ME);
	for (let part = 0; part < 10; part++) await team.submitAll(Array.from({length: 200}, () => submission()));
	for (let index = 0; index < 100; index++) {
		const other = `agent:dev:${index}`;
		await joins(team, other);
		const claimed = await takes(team, other);
		await team.lock({name: `path:source/${index}`, owner: other, token: claimed.token, ttlMs: 60_000});
		if (index % 2 === 0) await team.complete(completion(claimed, {next: 'merged', nextRole: ''}));
	}
	return team;
};

test('no step of a task takes more commands in Redis with thousands queued, agents at work and locks than with next to nothing', async () => {
	const small = await costs(await few());
	expect(await costs(await many())).toEqual(small);
	// Each command is a microsecond of the one thread that serves the whole team: more of them want a reason.
	expect(small.claim).toBeLessThanOrEqual(24);
	expect(small['complete and take the next']).toBeLessThanOrEqual(36);
	expect(small.submit).toBeLessThanOrEqual(16);
});
