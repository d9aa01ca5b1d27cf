import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {isRunning} from '../helpers/cleanup.ts';
import {cleanEnvironment, root, startProgram} from '../helpers/program.ts';

/** An npm that only says what was asked of it: each step ends as told, and the tests print what they are told to print. */
const NPM = `#!/bin/sh
echo "npm $*"
case "$*" in
	"ci") exit "\${CI_CODE:-0}" ;;
	"run lint") exit "\${LINT_CODE:-0}" ;;
	"run clis"*) [ -z "$FETCHING" ] || { echo "$$" >"$FETCHING"; exec sleep 300; }; exit "\${CLIS_CODE:-0}" ;;
	"test"*) [ -z "$LEFT" ] || { sleep 300 >/dev/null 2>&1 & echo "$!" >"$LEFT"; }; printf '%s\n' "$PRINTED"; exit "\${TEST_CODE:-0}" ;;
esac
`;
const GOOD = ' Test Files  2 passed (2)\n      Tests  12 passed (12)\n   Start at  09:00:00\n   Duration  1.00s';
const BROKEN = GOOD.replace('12 passed (12)', '3 failed | 9 passed (12)');
const UNLOADED = GOOD.replace('2 passed (2)', '1 failed | 1 passed (2)');

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'room-ci-'));
	mkdirSync(join(folder, 'tmp'));
	writeFileSync(join(folder, 'npm'), NPM);
	chmodSync(join(folder, 'npm'), 0o755);
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const runCi = async (told: Readonly<Record<string, string>>) => {
	const env = cleanEnvironment({PATH: `${folder}:${process.env.PATH}`, TMPDIR: join(folder, 'tmp'), ...told});
	const {code, stdout} = await startProgram([join(root, '.ci', 'run')], {cwd: '/', env}).ended;
	const lines = stdout.trimEnd().split('\n');
	return {code, lines, last: lines.at(-1)};
};

test('the CI run does every step, from any folder, and ends with the counts of vitest', async () => {
	const {code, lines, last} = await runCi({PRINTED: GOOD});
	expect({code, last}).toEqual({code: 0, last: '12 passed, 0 failed'});
	expect(lines.filter(line => line.startsWith('npm '))).toEqual([
		'npm ci',
		'npm run lint',
		'npm run typecheck',
		'npm run clis -- claude codex',
		'npm test',
	]);
	expect(lines.slice(-5, -1)).toEqual(GOOD.split('\n'));
	expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

test.each([
	['a test fails', {PRINTED: BROKEN, TEST_CODE: '1'}, '9 passed, 3 failed'],
	['a file cannot be loaded', {PRINTED: UNLOADED, TEST_CODE: '1'}, '12 passed, 1 failed'],
	['the tests break off before their end', {PRINTED: '', TEST_CODE: '1'}, '0 passed, 1 failed'],
	['nothing was tested', {PRINTED: ''}, '0 passed, 1 failed'],
	['lint fails', {PRINTED: GOOD, LINT_CODE: '1'}, '0 passed, 0 failed'],
	['nothing could be installed', {PRINTED: GOOD, CI_CODE: '1'}, '0 passed, 0 failed'],
])('the CI run fails when %s', async (_, told, counts) => {
	expect(await runCi(told)).toMatchObject({code: 1, last: counts});
});

test('an agent CLI that cannot be installed is said, and fails nothing', async () => {
	const {code, lines, last} = await runCi({PRINTED: GOOD, CLIS_CODE: '1'});
	expect({code, last}).toEqual({code: 0, last: '12 passed, 0 failed'});
	expect(lines).toContain('Not every agent CLI could be installed:');
});

test('a CI run that ends early ends the fetching of agent CLIs', async () => {
	const file = join(folder, 'fetching');
	expect(await runCi({PRINTED: GOOD, LINT_CODE: '1', FETCHING: file})).toMatchObject({code: 1});
	expect(existsSync(file) && isRunning(Number(readFileSync(file, 'utf8')))).toBe(false);
});

test('the CI run ends what the tests left running, and fails', async () => {
	const left = join(folder, 'left');
	const {code, lines, last} = await runCi({PRINTED: GOOD, LEFT: left});
	const pid = Number(readFileSync(left, 'utf8'));
	expect({code, last}).toEqual({code: 1, last: '12 passed, 1 failed'});
	expect(lines).toContain(`Left running: ${pid} sleep 300 `);
	expect(isRunning(pid)).toBe(false);
});
