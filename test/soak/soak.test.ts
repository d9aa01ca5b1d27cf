import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {loadScript} from '../../source/redis/scripts/table.ts';
import {testOfWhole} from '../helpers/cases.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {brokenText, MUTANTS} from './mutants.ts';
import {runOnce} from './once.ts';
import {planOf} from './plans.ts';

const SEED = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);

/** A machine that is busy with other things may take many times what an idle one does. */
const LIMIT_MS = 400_000;

/** Its figures stand in the message of whatever fails: the seed breaks the same things again. */
const run = async (design: 'room' | 'seed', tasks: number) => {
	const {verdict} = await runOnce(planOf({folder: temporaryFolder('soak'), design, tasks, seed: SEED, mutant: ''}));
	return {...verdict, seed: SEED};
};

test(
	'killed, stopped and cut off at random, the room loses no task, does none twice and ends each once',
	async () => {
		const verdict = await run('room', 200);
		expect(verdict).toMatchObject({submitted: 200, lost: [], twice: [], violations: []});
		const ended = Object.values(verdict.ends).reduce((sum, count) => sum + count, 0);
		expect(ended).toBe(200);
		// The run was a soak at all: every kind of process was killed, and work was lost and begun again.
		for (const kind of ['kill-agent', 'kill-room', 'cut']) expect([kind, verdict.faults[kind]]).toEqual([kind, expect.any(Number)]);
		expect(verdict.counts.task_reclaimed).toBeGreaterThan(0);
	},
	LIMIT_MS,
);

// `npm run soak` itself plays it after each run.
testOfWhole(
	'the same chaos breaks the design of the seed, taken literally',
	async () => {
		const verdict = await run('seed', 300);
		expect(verdict.submitted).toBe(300);
		expect([...verdict.lost, ...verdict.twice]).not.toEqual([]);
	},
	LIMIT_MS,
);

test('the judge, the recorder and the ledger know nothing of the room', () => {
	const importsOf = (file: string): string[] =>
		[...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '');
	const seen = new Set<string>(['judge.ts', 'recorder.ts']);
	for (const file of seen)
		for (const name of importsOf(file))
			if (name.startsWith('.')) {
				expect([file, name]).toEqual([file, expect.stringMatching(/^\.\/[a-z-]+\.ts$/)]);
				seen.add(name.slice(2));
			}
	expect([...seen].toSorted()).toEqual(['entries.ts', 'history.ts', 'judge.ts', 'ledger.ts', 'recorder.ts']);
	expect(globSync('*.ts', {cwd: import.meta.dirname}).length).toBeGreaterThan(seen.size);
});

test('every mutant of the soak still breaks a guarantee that stands in the scripts', () => {
	expect(MUTANTS.length).toBeGreaterThan(6);
	for (const mutant of MUTANTS) expect(() => brokenText(mutant, loadScript), mutant).not.toThrow();
});
