import {existsSync, linkSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {freeRepositoryLock, withRepositoryLock} from '../../../source/git/lock/lock-file.ts';
import {readHolder, tryLock} from '../../../source/os/lock.ts';
import {ownIdentity} from '../../../source/os/process-identity.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {node, root, startProgram} from '../../helpers/program.ts';
import {until} from '../../helpers/wait.ts';

const program = join(import.meta.dirname, '../../fixtures/git/hold-lock.ts');
const holdLock = (folder: string, ledger: string, times: number, mode = '') =>
	startProgram([node, program, folder, ledger, String(times), mode]);
const linesOf = (file: string): readonly string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);

describe('the lock of a repository', () => {
	test('calls of one process take turns in order', async () => {
		const folder = temporaryFolder();
		const order: string[] = [];
		await Promise.all(
			['a', 'b', 'c'].map(name =>
				withRepositoryLock(folder, async () => {
					order.push(`${name} in`);
					await new Promise(resolve => setImmediate(resolve));
					order.push(`${name} out`);
				}),
			),
		);
		expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
		expect(readdirSync(folder)).toEqual([]);
	});

	test('what only tidies up comes after all that somebody waits for', async () => {
		const folder = temporaryFolder();
		const order: string[] = [];
		const take = (name: string, isTidying: boolean): Promise<void> =>
			withRepositoryLock(
				folder,
				async () => {
					order.push(name);
					// One more, while the others wait.
					if (name === 'begin') void take('late', false);
					await new Promise(resolve => setImmediate(resolve));
				},
				{isTidying},
			);
		await Promise.all([take('begin', false), take('tidy', true), take('work', false), take('tidy too', true)]);
		expect(order).toEqual(['begin', 'work', 'late', 'tidy', 'tidy too']);
	});

	test('a holder in another container is freed by who knows that it is gone: of this boot alone, and also in mid-take-over', async () => {
		const folder = temporaryFolder();
		const own = ownIdentity();
		const hold = (given: object, name = 'agent-room.lock'): void =>
			writeFileSync(join(folder, name), JSON.stringify({...own, pid: 7, nonce: 'n', ...given}));
		const place = 'box pid:[1]';
		for (const living of [{place, boot: 'another'}, {place, boot: ''}, {pid: process.pid}]) {
			hold(living);
			expect([living, freeRepositoryLock(folder)]).toEqual([living, false]);
		}
		hold({place});
		hold({place, nonce: 'm'}, 'agent-room.lock.after-n');
		await expect(withRepositoryLock(folder, async () => 'taken', {patienceMs: 50})).rejects.toMatchObject({code: 'repository-busy'});
		expect(freeRepositoryLock(folder)).toBe(true);
		expect(await withRepositoryLock(folder, async () => 'free')).toBe('free');
	});

	test('a failure inside frees it and is passed on', async () => {
		const folder = temporaryFolder();
		await expect(withRepositoryLock(folder, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
		expect(await withRepositoryLock(folder, async () => 'free')).toBe('free');
	});

	test('eight processes never hold it together, also while holders are killed', async () => {
		const folder = temporaryFolder();
		const ledger = join(folder, 'ledger');
		const victims = [holdLock(folder, ledger, 1, 'forever')];
		await until(() => linesOf(ledger).length === 1, {what: 'the first holder'});
		const workers = Array.from({length: 8}, () => holdLock(folder, ledger, 20));
		victims[0]?.child.kill('SIGKILL');
		const ended = await Promise.all(workers.map(worker => worker.ended));
		expect(ended.map(({code, stderr}) => ({code, stderr}))).toEqual(ended.map(() => ({code: 0, stderr: ''})));
		expect(linesOf(ledger).filter(line => line.startsWith('turn'))).toHaveLength(160);
		expect(linesOf(ledger).filter(line => line.startsWith('two'))).toEqual([]);
		expect(readdirSync(folder)).toEqual(['ledger']);
	});

	test('a live holder is waited for, and named when it keeps the lock too long', async () => {
		const folder = temporaryFolder();
		const ledger = join(folder, 'ledger');
		const holder = holdLock(folder, ledger, 1, 'forever');
		await until(() => linesOf(ledger).length === 1, {what: 'the holder'});
		await expect(withRepositoryLock(folder, async () => 'mine', {patienceMs: 100})).rejects.toMatchObject({
			code: 'repository-busy',
			message: expect.stringContaining(`process ${holder.pid} holds`),
		});
		const waiting = withRepositoryLock(folder, async () => 'mine');
		holder.child.kill('SIGKILL');
		expect(await waiting).toBe('mine');
	});

	test('a taker that died during its take-over is taken over itself', () => {
		const folder = temporaryFolder();
		const file = join(folder, 'agent-room.lock');
		const failed = {...ownIdentity(), pid: 4_000_000, startTime: 'long ago'};
		writeFileSync(file, JSON.stringify({...failed, nonce: 'first'}));
		writeFileSync(`${file}.after-first`, JSON.stringify({...failed, nonce: 'second'}));
		const answer = tryLock(file);
		expect(answer).toHaveProperty('release');
		expect(readHolder(file)?.pid).toBe(process.pid);
		if ('release' in answer) answer.release();
		expect(readdirSync(folder)).toEqual([]);
	});

	test('what killed takers left beside the lock is removed by the next holder, what live ones need stays', async () => {
		const folder = temporaryFolder();
		const file = join(folder, 'agent-room.lock');
		writeFileSync(`${file}.4000000-abc`, '{}');
		writeFileSync(`${file}.after-long-gone`, JSON.stringify({...ownIdentity(), startTime: 'long ago', nonce: 'n'}));
		writeFileSync(`${file}.${process.pid}-abc`, '{}');
		writeFileSync(`${file}.after-now`, JSON.stringify({...ownIdentity(), nonce: 'n'}));
		await withRepositoryLock(folder, async () => {});
		expect(readdirSync(folder).sort()).toEqual([`agent-room.lock.${process.pid}-abc`, 'agent-room.lock.after-now'].sort());
	});

	test('the same pid with another start is dead, a process of another machine counts as alive', () => {
		const folder = temporaryFolder();
		const file = join(folder, 'agent-room.lock');
		writeFileSync(file, JSON.stringify({...ownIdentity(), place: 'elsewhere', nonce: 'n'}));
		expect(tryLock(file)).toEqual({holder: expect.objectContaining({place: 'elsewhere'})});
		writeFileSync(file, JSON.stringify({...ownIdentity(), startTime: 'before the reboot', nonce: 'n'}));
		expect(tryLock(file)).toHaveProperty('release');
	});

	test('a file that is none of ours is never taken', () => {
		const file = join(temporaryFolder(), 'agent-room.lock');
		for (const content of ['', '{}', 'null', '[1]']) {
			writeFileSync(file, content);
			expect(tryLock(file)).toHaveProperty('holder');
		}
	});
});

describe('a lock whose holder cannot be seen from here', () => {
	/** A process that holds the lock, as one in another container: it is taken for real, and then said to be elsewhere. */
	const holding = async () => {
		const folder = temporaryFolder();
		const file = join(folder, 'agent-room.lock');
		const holder = startProgram([node, join(root, 'test', 'fixtures', 'os', 'holds.ts'), file]);
		await until(() => existsSync(file), {what: () => `the holder\n${holder.output()}`});
		writeFileSync(file, JSON.stringify({...readHolder(file), place: 'box pid:[1]', boot: 'another'}));
		const take = (patienceMs: number) => withRepositoryLock(folder, async () => 'taken', {patienceMs});
		return {folder, file, holder, take};
	};

	test('is never taken from one that lives, also if that is stopped, and at once from one that was killed', async () => {
		const {folder, holder, take} = await holding();
		await expect(take(1200)).rejects.toMatchObject({code: 'repository-busy'});
		process.kill(holder.pid, 'SIGSTOP');
		await expect(take(1200)).rejects.toMatchObject({code: 'repository-busy'});
		process.kill(holder.pid, 'SIGKILL');
		await holder.ended;
		expect(await take(5000)).toBe('taken');
		expect(readdirSync(folder)).toEqual([]);
	});

	test('is taken where a taker was killed in the same place too, and never where nothing proves that its holder is gone', async () => {
		const {folder, file, holder, take} = await holding();
		process.kill(holder.pid, 'SIGKILL');
		await holder.ended;
		const nonce = readHolder(file)?.nonce ?? '';
		const beacon = readdirSync(folder).find(name => name.includes('.live-')) ?? '';
		const turn = `agent-room.lock.after-${nonce}`;
		writeFileSync(join(folder, turn), JSON.stringify({...ownIdentity(), place: 'box pid:[1]', nonce: 'm'}));
		await expect(take(1200)).rejects.toMatchObject({code: 'repository-busy'});
		renameSync(join(folder, beacon), join(folder, `${turn}.live-m`));
		await expect(take(1200)).rejects.toMatchObject({code: 'repository-busy'});
		linkSync(join(folder, `${turn}.live-m`), join(folder, beacon));
		expect(await take(5000)).toBe('taken');
		expect(readdirSync(folder)).toEqual([]);
	});
});
