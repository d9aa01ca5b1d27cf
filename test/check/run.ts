/**
 * `npm run check [-- COMMIT]`: lint, types, and the tests that the change since a commit can reach, in about a minute. Without a commit: what is
 * not committed, or the last commit where all is.
 */
import {execFileSync, spawn} from 'node:child_process';
import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as z from 'zod';
import {reachedBy, readTexts, within} from './reach.ts';

const root = join(import.meta.dirname, '..', '..');
/** Time of tests, ms: two or three files run side by side. */
const LIMIT_MS = 100_000;
/** How long a file takes that never ran here, ms: one that starts programs or servers, and one that does not. */
const [SLOW_MS, QUICK_MS] = [8000, 700];

const git = (...args: readonly string[]): readonly string[] =>
	execFileSync('git', args, {cwd: root, encoding: 'utf8'}).split('\0').filter(Boolean);

const changedSince = (commit: string): readonly string[] => [
	...git('diff', '--name-only', '-z', '--no-renames', commit, '--'),
	...git('ls-files', '-z', '--others', '--exclude-standard'),
];

/** What vitest remembers of each test file that ran here: its time, ms. */
const remembered = z.object({projects: z.object({redis: z.object({files: z.record(z.string(), z.object({duration: z.number()}))})})});

const durations = (): ReadonlyMap<string, number> =>
	new Map(
		globSync('node_modules/.vite/vitest/*/results.json', {cwd: root}).flatMap(file => {
			const read = remembered.safeParse(JSON.parse(readFileSync(join(root, file), 'utf8')));
			return Object.entries(read.data?.projects.redis.files ?? {}).map(([name, {duration}]) => [name, duration] as const);
		}),
	);

const run = (command: string, args: readonly string[]): Promise<number> =>
	new Promise(resolve => {
		spawn(command, args, {cwd: root, stdio: ['ignore', 'inherit', 'inherit']})
			.once('error', error => {
				process.stderr.write(`\`${command}\` could not be started: ${error.message}\n`);
				resolve(1);
			})
			.once('close', code => resolve(code ?? 1));
	});

const commitOf = (name: string | undefined): string => {
	if (name === undefined) return changedSince('HEAD').length > 0 ? 'HEAD' : 'HEAD^';
	try {
		execFileSync('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {cwd: root, stdio: 'pipe'});
		return name;
	} catch {
		process.stderr.write(`\`${name}\` is no commit here. Try \`npm run check -- HEAD~3\`, or a branch.\n`);
		process.exit(2);
	}
};

const main = async (): Promise<number> => {
	const commit = commitOf(process.argv[2]);
	const changed = changedSince(commit);
	const texts = readTexts(root);
	const known = durations();
	const startsThings = (file: string): boolean => /helpers\/|program/.test(texts.get(file) ?? '');
	const {run: files, leftOut} = within(
		reachedBy(changed, texts),
		file => known.get(file) ?? (startsThings(file) ? SLOW_MS : QUICK_MS),
		LIMIT_MS,
	);
	process.stdout.write(`${changed.length} files changed since ${commit}: ${files.length} test files.\n`);
	const checks = await Promise.all([run('npm', ['run', '--silent', 'lint']), run('npm', ['run', '--silent', 'typecheck'])]);
	// Programs under test are those of `dist`.
	const built = checks.some(code => code !== 0) ? 1 : await run('npm', ['run', '--silent', 'build']);
	if (built !== 0) return 1;
	const tested = files.length === 0 ? 0 : await run('vitest', ['run', '--config', 'test/vitest.config.ts', '--project', 'redis', ...files]);
	if (leftOut.length > 0)
		process.stdout.write(
			`\nLeft out, for \`npm test\` (stories, and what would take longer than a minute):\n${leftOut.map(file => `  ${file}\n`).join('')}`,
		);
	return tested;
};

process.exitCode = await main();
