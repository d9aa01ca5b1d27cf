import {existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {prepareTestTree} from '../../source/git/guardian/test-tree.ts';
import {openRepository} from '../../source/git/repository/repository.ts';
import {openStore} from '../../source/git/store/store.ts';
import {isLeftLock, tryLock, withLock} from '../../source/os/lock.ts';
import {makeWhole} from '../../source/os/make-whole.ts';
import {ownIdentity} from '../../source/os/process-identity.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {node, startProgram} from '../helpers/program.ts';
import {createTestRepository} from '../helpers/repository.ts';

const fixture = (name: string): string => join(import.meta.dirname, '..', 'fixtures', 'os', name);
const DEAD = {...ownIdentity(), startTime: 'long ago'};
const MOST_STEPS = 60;

/** Kills a program before its first step, its second and so on, until it gets to its end; after each `check` looks at what it left. */
const killAtEachStep = async (what: string, prepare: (folder: string) => readonly string[], check: (folder: string) => Promise<void>) => {
	for (let at = 1; at < MOST_STEPS; at++) {
		const folder = temporaryFolder('k');
		const args = prepare(folder);
		const env = {...process.env, KILL_AT: String(at)};
		const ended = await startProgram([node, '--import', fixture('kill-at.ts'), fixture('steps.ts'), what, folder, ...args], {env}).ended;
		await check(folder);
		if (ended.code === 0) return at - 1;
		expect(ended.signal, ended.stderr).toBe('SIGKILL');
	}
	throw new Error(`\`${what}\` has more than ${MOST_STEPS} steps`);
};

const isFree = async (folder: string): Promise<void> => {
	const busy = (): Error => new Error('it is locked out');
	expect(await withLock(join(folder, 'lock'), {timeoutMs: 2000, busy}, async () => 'in')).toBe('in');
	expect(readdirSync(folder)).toEqual([]);
};

test('a lock whose taker was killed at any step is free, also one that was taken over from another that had died', async () => {
	expect(await killAtEachStep('lock', () => [], isFree)).toBe(5);
	const dead = (folder: string): readonly string[] => {
		writeFileSync(join(folder, 'lock'), JSON.stringify({...DEAD, nonce: 'n'}));
		return [];
	};
	expect(await killAtEachStep('lock', dead, isFree)).toBeGreaterThan(6);
});

test('a folder whose maker was killed at any step is not there, and is made by the next', async () => {
	const check = async (folder: string): Promise<void> => {
		const made = join(folder, 'made');
		if (existsSync(made)) expect(readFileSync(join(made, 'inner', 'file'), 'utf8')).toBe('whole');
		await makeWhole(
			made,
			() => existsSync(made),
			half => writeFileSync(join(half, 'file'), 'next'),
		);
		expect(readdirSync(folder)).toEqual(['made']);
	};
	expect(await killAtEachStep('folder', () => [], check)).toBe(5);
});

test('the store and the first test tree are made by the next where their maker was killed at any step', async () => {
	const project = createTestRepository({files: {'a.txt': 'a'}});
	const candidate = project.git(['rev-parse', 'main']);
	const repository = await openRepository(project.root);
	const check = async (folder: string): Promise<void> => {
		const store = await openStore(repository, join(folder, 'guardian.git'), 'main');
		await prepareTestTree(store, {candidate, folder: join(folder, 'tests')});
		expect(readFileSync(join(folder, 'tests', 'a.txt'), 'utf8')).toBe('a');
		expect(readdirSync(folder).toSorted()).toEqual(['guardian.git', 'tests']);
	};
	expect(await killAtEachStep('test-tree', () => [project.root, candidate], check)).toBeGreaterThan(15);
});

test('a lock that is empty or foreign is taken in a folder of our own once nobody writes it, and in no other', () => {
	const folder = temporaryFolder('k');
	const file = join(folder, 'redis.starting');
	for (const content of ['', '{}', 'not ours', JSON.stringify({...DEAD})]) {
		writeFileSync(file, content);
		const isDead = content.includes('long ago');
		const now = tryLock(file, true);
		expect('release' in now, content).toBe(isDead);
		if ('release' in now) now.release();
		writeFileSync(file, content);
		utimesSync(file, new Date(Date.now() - 10_000), new Date(Date.now() - 10_000));
		expect(tryLock(file)).toHaveProperty('holder');
		expect(isLeftLock(file, false)).toBe(true);
		const answer = tryLock(file, true);
		expect(answer, content).toHaveProperty('release');
		if ('release' in answer) answer.release();
		expect(readdirSync(folder)).toEqual([]);
	}
	mkdirSync(join(folder, 'kept'));
});
