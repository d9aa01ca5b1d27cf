import {expect, test} from 'vitest';
import {submission, takes} from '../helpers/coordination.ts';
import {besideATeam} from '../helpers/external-worker.ts';

const externalWorker = besideATeam();
const types = (command: string, key: string, ...args: (string | number)[]) => externalWorker().types(command, key, ...args);
const HOUR_MS = 3_600_000;
const WAIT_MS = 60_000;

test('a clock that was set back an hour makes nothing last an hour longer: leases, delays, locks, nor who waits for one', async () => {
	const {team} = externalWorker();
	for (const id of ['a', 'b', 'c']) await team.submit(submission({id}));
	const [holder, waiter] = [await takes(team, 'agent:dev:001'), await takes(team, 'agent:dev:002')];
	const asked = {name: 'path:src', ttlMs: WAIT_MS};
	await team.lock({...asked, owner: 'agent:dev:001', token: holder.token});
	await team.lock({...asked, owner: 'agent:dev:002', token: waiter.token, waitMs: WAIT_MS});
	await team.release({task: 'c', token: '', reason: '', to: '', fields: {}});
	const {now} = await team.sweep();
	// As it was before the step: everything is due an hour later than it should be now.
	const due = now + HOUR_MS + WAIT_MS;
	const [member = ''] = (await types('ZRANGE', 'locks:waiters', 0, -1)) as string[];
	await types('ZADD', 'leases', due, 'a');
	await types('ZADD', 'tasks:delayed', due, 'c');
	await types('ZADD', 'locks:index', due, 'path:src');
	await types('ZADD', 'locks:deadlines', due, member);
	await types('PEXPIRE', 'locks:path:src', HOUR_MS + WAIT_MS);
	await types('PEXPIRE', 'locks:task:a', HOUR_MS + WAIT_MS);
	await types('SET', 'clock', String(now + HOUR_MS));
	await team.sweep();
	for (const [index, id] of [
		['leases', 'a'],
		['tasks:delayed', 'c'],
		['locks:index', 'path:src'],
		['locks:deadlines', member],
	] as const) {
		const left = Number(await types('ZSCORE', index, id)) - now;
		expect([index, left > WAIT_MS - 10_000 && left < WAIT_MS + 10_000]).toEqual([index, true]);
	}
	for (const lock of ['locks:path:src', 'locks:task:a']) expect(Number(await types('PTTL', lock))).toBeLessThanOrEqual(WAIT_MS + 10_000);
});
