import {describe, expect, test} from 'vitest';
import {reduce} from '../../../source/core/team/snapshot.ts';
import {joins} from '../../helpers/coordination.ts';
import {lockHolders} from '../../helpers/lock-holders.ts';
import {eventually} from '../../helpers/redis.ts';

const on = lockHolders();
const {tokenOf, ask, giveBack, holders, waiting, lastEvents, release, begin} = on;

describe('the queue', () => {
	test('serves who asked first; nobody overtakes a waiter whose area overlaps; it is granted in the step that frees it', async () => {
		await ask('a', 'src/**', 0);
		expect(await ask('b', 'src/db')).toEqual({
			code: 'waiting',
			position: 1,
			owner: 'a',
			name: 'path:src/**',
			since: expect.any(Number),
		});
		expect(await ask('c', 'src/db/x')).toMatchObject({code: 'waiting', position: 2});
		expect(await ask('d', 'src/ui')).toMatchObject({code: 'waiting', position: 1});
		expect(await waiting()).toEqual(['b src/db', 'c src/db/x', 'd src/ui']);
		await giveBack('a', 'src/**');
		expect(await holders()).toEqual(['b src/db', 'd src/ui']);
		expect(await waiting()).toEqual(['c src/db/x']);
		expect(await ask('d', 'src/db/x/y', 0)).toMatchObject({code: 'held', owner: 'b'});
		await ask('a', 'docs', 0);
		await giveBack('b', 'src/db');
		expect(await holders()).toEqual(['a docs', 'c src/db/x', 'd src/ui']);
		const taken = (await on.team.events('0-0', 1000)).filter(({type}) => type === 'lock_taken');
		expect(taken.map(({agent}) => agent)).toEqual(['a', 'b', 'd', 'a', 'c']);
	});

	test('holds off who asks without waiting', async () => {
		await ask('a', 'src/db', 0);
		await ask('b', 'src/**');
		expect(await ask('c', 'src/ui', 0)).toMatchObject({code: 'held', owner: 'b', name: 'path:src/**', isWaiting: true});
		// Who holds what the waiter waits for is not held off by it: that waiter cannot be served before.
		expect((await ask('a', 'src/ui', 0)).code).toBe('ok');
	});

	test('keeps a place when asked again, and records nothing new', async () => {
		await ask('a', 'x', 0);
		await ask('b', 'x');
		await ask('c', 'x');
		const {streamId} = (await on.team.snapshot()).team;
		expect(await ask('b', 'x')).toMatchObject({code: 'waiting', position: 1});
		expect((await on.team.snapshot()).team.streamId).toBe(streamId);
		await ask('b', 'x', 90_000);
		expect(await waiting()).toEqual(['b x', 'c x']);
	});

	test('is left at the deadline, by giving up, and with the end of an attempt; what waits behind moves up', async () => {
		await ask('a', 'src', 0);
		await ask('b', 'src/**', 1);
		await ask('c', 'src/c');
		await eventually(async () => {
			await on.team.sweep();
			return (await waiting()).length === 1;
		}, 'the end of its patience');
		expect((await lastEvents(1))[0]).toMatchObject({type: 'lock_left', agent: 'b', text: 'path:src/**: its wait timed out'});
		await ask('d', 'src/c');
		await release('c');
		expect(await waiting()).toEqual(['d src/c']);
		expect(await giveBack('d', 'src/c')).toBe('ok');
		expect(await waiting()).toEqual([]);
		expect(await giveBack('d', 'src/c')).toBe('gone');
		await giveBack('a', 'src');
		expect(await holders()).toEqual([]);
	});

	test('a waiter that gives up, or whose attempt ends, lets those behind it through at once', async () => {
		await ask('a', 'src/a', 0);
		await ask('b', 'src/**');
		await ask('c', 'src/c');
		expect(await holders()).toEqual(['a src/a']);
		await giveBack('b', 'src/**');
		expect(await holders()).toEqual(['a src/a', 'c src/c']);
		await ask('b', 'src/**');
		await ask('d', 'src/d');
		await release('b');
		expect(await holders()).toEqual(['a src/a', 'c src/c', 'd src/d']);
	});

	test('is not held up by one behind which others wait, once that one lost its task', async () => {
		await ask('a', 'src/a', 0);
		await ask('b', 'src/**');
		await ask('c', 'src/c');
		await joins(on.team, 'b');
		await giveBack('a', 'src/a');
		expect(await holders()).toEqual(['c src/c']);
	});

	test('passes over who lost its task, in favour of the next', async () => {
		await ask('a', 'x', 0);
		await ask('b', 'x');
		await ask('c', 'x');
		// Its room was started again: the agent holds nothing any more, its lease is still to be reclaimed.
		await joins(on.team, 'b');
		await giveBack('a', 'x');
		expect(await holders()).toEqual(['c x']);
		expect((await lastEvents(2)).map(({type, agent}) => [type, agent])).toEqual([
			['lock_left', 'b'],
			['lock_taken', 'c'],
		]);
	});

	test('gets what expired, by the sweep or by whoever asks first, in its order', async () => {
		const soonOver = () => on.call('PEXPIRE', on.key('locks:path:x'), 1);
		await ask('a', 'x', 0);
		await ask('b', 'x');
		await soonOver();
		await eventually(async () => {
			await on.team.sweep();
			return (await holders())[0] === 'b x';
		}, 'the sweep grants it');
		await ask('c', 'x');
		await soonOver();
		await eventually(async () => (await on.call('EXISTS', on.key('locks:path:x'))) === 0, 'it ends');
		expect(await ask('d', 'x', 0)).toMatchObject({code: 'held', owner: 'c', isWaiting: false});
		expect(await holders()).toEqual(['c x']);
	});

	test('is served when an attempt ends, whatever ends it', async () => {
		const endings = [
			(task: string, token: string) => on.team.release({task, token, reason: '', to: '', fields: {}}),
			(task: string, token: string) => on.team.fail({task, agent: 'a', token, reason: '', feedback: '', delayMs: 0, fields: {}}),
			(task: string, token: string) => on.team.reclaim({task, token, reason: '', isProven: true, counts: false, delayMs: 0, fields: {}}),
			(task: string) => on.team.cancel(task, ''),
		];
		for (const end of endings) {
			await ask('a', 'x', 0);
			await ask('b', 'x');
			await end(on.leases.a?.task.id ?? '', tokenOf('a'));
			expect(await holders()).toEqual(['b x']);
			await giveBack('b', 'x');
			await begin('a');
		}
	});

	test('has room for 200', async () => {
		await ask('a', 'x', 0);
		const names = Array.from({length: 200}, (_, index) => `w${index}`);
		for (const name of names) await begin(name);
		await Promise.all(names.map(name => ask(name, 'x')));
		expect(await ask('b', 'x')).toEqual({code: 'full'});
		expect((await ask('w7', 'x')).code).toBe('waiting');
	});

	test('folds into the same state as a snapshot reads, in the same order', async () => {
		const before = (await on.team.snapshot()).team;
		await ask('a', 'src', 0);
		await ask('b', 'src/b');
		await ask('c', 'src/c');
		await ask('d', 'src/b');
		await giveBack('c', 'src/c');
		await giveBack('a', 'src');
		const folded = reduce(before, await on.team.events(before.streamId, 1000));
		const {team: read} = await on.team.snapshot();
		expect([...folded.waiters.values()]).toEqual([...read.waiters.values()]);
		expect([...read.waiters.keys()]).toEqual(['d path:src/b']);
		expect(Object.fromEntries(folded.locks)).toEqual(Object.fromEntries(read.locks));
	});
});

describe('a ring of waiting agents', () => {
	test('of two is refused with its names, and who asked last may still give way', async () => {
		await ask('a', 'src/**', 0);
		await ask('b', 'docs', 0);
		expect((await ask('a', 'docs/x')).code).toBe('waiting');
		expect(await ask('b', 'src/y')).toEqual({
			code: 'deadlock',
			ring: [
				{agent: 'b', name: 'path:src/**'},
				{agent: 'a', name: 'path:docs'},
			],
		});
		expect(await waiting()).toEqual(['a docs/x']);
		await giveBack('b', 'docs');
		expect(await holders()).toEqual(['a docs/x', 'a src/**']);
	});

	test('of three, one of them only in the queue, is refused too', async () => {
		await ask('a', 'one', 0);
		await ask('b', 'two', 0);
		await ask('c', 'three', 0);
		expect((await ask('a', 'two')).code).toBe('waiting');
		expect((await ask('b', 'three')).code).toBe('waiting');
		expect(await ask('c', 'one')).toMatchObject({code: 'deadlock', ring: [{agent: 'c'}, {agent: 'a'}, {agent: 'b'}]});
		// `d` would wait for nobody who waits for it.
		expect((await ask('d', 'two')).code).toBe('waiting');
		// A place behind a waiter is waiting for it: c behind d, d behind a, a for b, b for c.
		expect(await ask('c', 'two')).toMatchObject({code: 'deadlock'});
	});

	test('that is none is not taken for one', async () => {
		await ask('a', 'one', 0);
		await ask('b', 'two', 0);
		expect((await ask('c', 'one')).code).toBe('waiting');
		expect((await ask('c', 'two')).code).toBe('waiting');
		expect((await ask('b', 'one')).code).toBe('deadlock');
		expect((await ask('a', 'three')).code).toBe('ok');
	});
});

describe('a person’s order to unlock', () => {
	test('moves the fencing number on, passes the lock to who waits, and its old holder is told by mail and by `stale`, once', async () => {
		await ask('a', 'src', 0);
		await ask('b', 'src/b');
		const before = Number(await on.call('GET', on.key('fencing')));
		expect(await on.team.unlock({name: 'path:src', token: ''})).toBe('ok');
		expect(Number(await on.call('GET', on.key('fencing')))).toBe(before + 2);
		expect(await holders()).toEqual(['b src/b']);
		const types = (await on.team.events('0-0', 1000)).map(({type, agent}) => `${type} ${agent}`);
		expect(types.slice(-3)).toEqual(['lock_forced a', 'mail_sent a', 'lock_taken b']);
		const mail = (await on.call('XRANGE', on.key('mail:a'), '-', '+')) as unknown[];
		expect(JSON.stringify(mail)).toContain('Your lock path:src was released by a human');
		expect(await ask('a', 'src', 0)).toEqual({code: 'stale', reason: 'unlocked'});
		expect(await ask('a', 'src', 0)).toMatchObject({code: 'held', owner: 'b'});
	});

	test('fences giving back as well, also where somebody else has it by then; a new attempt knows nothing of it', async () => {
		await ask('a', 'x', 0);
		await on.team.unlock({name: 'path:x', token: ''});
		expect(await giveBack('a', 'x')).toBe('stale');
		expect(await giveBack('a', 'x')).toBe('gone');
		await ask('a', 'x', 0);
		await on.team.unlock({name: 'path:x', token: ''});
		await ask('b', 'x', 0);
		expect(await giveBack('a', 'x')).toBe('stale');
		expect(await holders()).toEqual(['b x']);
		await ask('c', 'y', 0);
		await on.team.unlock({name: 'path:y', token: ''});
		await release('c');
		expect(await on.call('HLEN', on.key('locks:lost'))).toBe(0);
	});
});

test('what is kept of locks is gone with them', async () => {
	await ask('a', 'src', 0);
	await ask('b', 'src/b');
	await on.team.unlock({name: 'path:src', token: ''});
	for (const owner of ['a', 'b']) await release(owner);
	const keys = (await on.call('KEYS', on.key('locks:*'))) as string[];
	expect(keys.map(key => key.slice(on.key('').length)).filter(key => !key.startsWith('locks:task:'))).toEqual(['locks:order']);
});
