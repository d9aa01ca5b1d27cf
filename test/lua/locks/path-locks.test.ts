import {describe, expect, test} from 'vitest';
import {claims, joins, submission, takes} from '../../helpers/coordination.ts';
import {lockHolders} from '../../helpers/lock-holders.ts';

const on = lockHolders();
const {tokenOf, ask, giveBack, holders, lastEvents, release, begin} = on;

describe('a path lock', () => {
	test('excludes every lock whose area overlaps, and never one of the same holder', async () => {
		expect(await ask('a', 'src/**', 0)).toMatchObject({code: 'ok', owner: 'a'});
		const held = {code: 'held', owner: 'a', name: 'path:src/**', isWaiting: false};
		for (const path of ['src', 'src/db/x.ts', 'SRC/db', '**', '*.md', '../x']) expect(await ask('b', path, 0)).toMatchObject(held);
		expect((await ask('b', 'docs/**', 0)).code).toBe('ok');
		expect((await ask('a', 'src/db/**', 0)).code).toBe('ok');
		expect(await ask('b', 'src/db/x.ts', 0)).toMatchObject({code: 'held', owner: 'a'});
	});

	test('needs the current token of its holder’s task', async () => {
		const old = tokenOf('a');
		const named = {name: 'path:src', owner: 'a', ttlMs: 60_000};
		expect(await on.team.lock({...named, token: tokenOf('b')})).toEqual({code: 'stale', reason: 'superseded'});
		expect(await on.team.lock({...named, token: ''})).toEqual({code: 'stale', reason: 'superseded'});
		await release('a');
		await takes(on.team, 'a');
		expect(await on.team.lock({...named, token: old})).toEqual({code: 'stale', reason: 'superseded'});
		expect(await holders()).toEqual([]);
	});

	test('taken under a later token outlives the end of an earlier attempt of the same agent', async () => {
		const old = on.leases.a;
		await joins(on.team, 'a');
		await begin('a');
		await ask('a', 'x', 0);
		const {token = '', task} = old ?? {};
		await on.team.reclaim({task: task?.id ?? '', token, reason: '', isProven: true, counts: false, delayMs: 0, fields: {}});
		expect(await holders()).toEqual(['a x']);
	});

	test('asked for again at once changes nothing and records nothing', async () => {
		const first = await ask('a', 'x', 0);
		const {streamId} = (await on.team.snapshot()).team;
		const again = await ask('a', 'x', 0);
		expect(again).toMatchObject({code: 'ok', fence: first.code === 'ok' ? first.fence : 0});
		expect((await on.team.snapshot()).team.streamId).toBe(streamId);
		await ask('a', 'x', 0, 90_000);
		expect((await lastEvents(1))[0]).toMatchObject({type: 'lock_taken', agent: 'a'});
	});

	test('has a number with every grant that grows, and keeps it when renewed', async () => {
		const first = await ask('a', 'x', 0);
		expect(await ask('a', 'x', 0)).toMatchObject({fence: first.code === 'ok' ? first.fence : 0});
		await giveBack('a', 'x');
		const next = await ask('b', 'x', 0);
		expect(next.code === 'ok' && first.code === 'ok' && next.fence > first.fence).toBe(true);
	});

	test('of an outsider on the same area, or on one above, holds us off; once met it is shown', async () => {
		await on.call('SET', on.key('locks:path:src/**'), 'agent:x', 'NX', 'EX', 300);
		expect(await ask('a', 'src/db/x.ts', 0)).toMatchObject({code: 'held', owner: 'agent:x', name: 'path:src/**'});
		expect(await holders()).toEqual(['agent:x src/**']);
		expect(await ask('a', '**', 0)).toMatchObject({code: 'held', owner: 'agent:x'});
		expect((await ask('a', 'src/ui', 60_000)).code).toBe('waiting');
		await on.call('DEL', on.key('locks:path:src/**'));
		await on.team.sweep();
		expect(await holders()).toContain('a src/ui');
	});

	test('of an outsider may say anything, and even be no lock at all', async () => {
		const path = (name: string) => on.key(`locks:path:${name}`);
		await on.call('SET', path('x'), '');
		await on.call('SET', path('y'), `${'z'.repeat(5000)} token`);
		expect(await ask('a', 'x', 0)).toMatchObject({code: 'held', owner: '?', until: 0});
		expect(await ask('a', 'y', 0)).toMatchObject({code: 'held', owner: 'z'.repeat(200)});
		await ask('a', 'w', 0);
		await on.call('DEL', path('w'));
		await on.call('HSET', path('w'), 'a', 'b');
		await on.team.sweep();
		await release('a');
		expect((await ask('b', 'w', 0)).code).toBe('ok');
	});

	test('is one of at most 500', async () => {
		await Promise.all(Array.from({length: 500}, (_, index) => ask('a', `p${index}`, 0)));
		expect(await ask('b', 'one-more', 0)).toEqual({code: 'full'});
		expect((await ask('b', 'p7', 0)).code).toBe('held');
		await giveBack('a', 'p7');
		expect((await ask('b', 'one-more', 0)).code).toBe('ok');
	});
});

describe('a task that says which paths it touches', () => {
	test('is not claimed while somebody else holds a lock over one of them', async () => {
		await on.team.submit(submission({id: 'schema', paths: ['docs/**', 'src/db/schema.sql']}));
		await ask('a', 'SRC/**', 0);
		await joins(on.team, 'e');
		expect((await claims(on.team, 'e')).code).toBe('none');
		await giveBack('a', 'SRC/**');
		await on.call('SET', on.key('locks:path:docs'), 'agent:x', 'NX', 'EX', 300);
		expect((await claims(on.team, 'e')).code).toBe('none');
		await on.call('SET', on.key('locks:path:docs'), 'e', 'EX', 300);
		expect(await claims(on.team, 'e')).toMatchObject({code: 'ok', task: {id: 'schema', paths: ['docs/**', 'src/db/schema.sql']}});
	});
});
