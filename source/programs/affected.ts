import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {inSequence} from '../core/config/commands.ts';
import {isPass, tellRun} from '../core/task/test-run.ts';
import {oneLine, shortCommit} from './call-room.ts';
import {askCommand, type Bench} from './test-command.ts';

/** Tests of one commit: all, or those that `affected` chose. `problem`: why all run although it was asked; '' without. */
export type Chosen = {readonly command: string; readonly isAffected: boolean; readonly problem: string};

/** What `affected` may print, and how long it may take, ms. */
const MOST_OUTPUT = 64 * 1024;
const MOST_COMMANDS = 200;
const LIMIT_MS = 600_000;

/** In `.git`, which the guardian recreates for each commit: `git clean` does not remove it, and it is never committed. */
const LIST = 'agent-room-changed-files';

/** The commands that `affected` printed: one a line, without empty lines and comments. */
export const commandsIn = (output: string): readonly string[] =>
	output
		.split('\n')
		.map(line => line.trim())
		.filter(line => line !== '' && !line.startsWith('#'));

/** All tests; `problem`: why, although `affected` was asked. */
export const allTests = ({environment}: Bench, problem = ''): Chosen => ({
	command: environment.AGENT_ROOM_TEST ?? '',
	isAffected: false,
	problem,
});

/** Why what `affected` printed cannot be used; '' if it can. */
export const problemOf = (output: string, commands: readonly string[] = commandsIn(output)): string => {
	if (output.length > MOST_OUTPUT) return `it printed more than ${MOST_OUTPUT / 1024} KB`;
	if (commands.length > MOST_COMMANDS) return `it printed more than ${MOST_COMMANDS} commands`;
	if (commands.length === 0) return 'it printed nothing';
	// A NUL ends the argument of the shell; other control characters would only disturb the screen.
	return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(output) ? 'it printed control characters' : '';
};

const ask = async (bench: Bench, changed: readonly string[]): Promise<Chosen> => {
	const {AGENT_ROOM_AFFECTED: affected = '', AGENT_ROOM_CHANGED_SINCE: since = ''} = bench.environment;
	const input = changed.map(path => `${path}\0`).join('');
	// One more than is allowed: what is longer is refused as a whole, never cut.
	const {run, output} = await askCommand(affected, {input, most: MOST_OUTPUT + 1, timeoutMs: LIMIT_MS}, bench);
	if (!isPass(run)) return allTests(bench, tellRun(run).replace('the test command', 'its command'));
	const commands = commandsIn(output);
	const problem = problemOf(output, commands);
	if (problem !== '') return allTests(bench, problem);
	bench.write(
		`${changed.length} changed file${changed.length === 1 ? '' : 's'} since ${shortCommit(since)}. Running the affected tests:\n`,
	);
	for (const command of commands) bench.write(`  ${oneLine(command)}\n`);
	return {command: inSequence(commands), isAffected: true, problem: ''};
};

/**
 * Prepares the choice of the tests for the commit that was just put into the worktree; call it before anything else runs there. What it
 * returns asks `affected` once, after the setup. Guarantee: whatever is wrong with `affected` or its answer, all tests run.
 */
export const testsFor = async (given: Bench, commit: string): Promise<{readonly bench: Bench; readonly choose: () => Promise<Chosen>}> => {
	const {AGENT_ROOM_AFFECTED: affected = '', AGENT_ROOM_CANDIDATE_BASE: since = '', AGENT_ROOM_CLONE: folder = ''} = given.environment;
	if (affected.trim() === '') return {bench: given, choose: async () => allTests(given)};
	const list = join(given.worktree, '.git', LIST);
	const bench = {
		...given,
		environment: {...given.environment, AGENT_ROOM_CHANGED_FILES: list, AGENT_ROOM_CHANGED_SINCE: since},
	};
	const failed = (error: unknown): Chosen => allTests(bench, oneLine(error instanceof Error ? error.message : String(error)));
	let chosen: Promise<Chosen> | undefined;
	try {
		// Heavy, and only needed here: other runs start without git's modules.
		const {changedPathsBetween} = await import('../git/diff/paths.ts');
		const changed = await changedPathsBetween({folder, from: since, to: commit});
		await rm(list, {force: true});
		await writeFile(list, changed.map(path => `${path}\0`).join(''), {flag: 'wx', mode: 0o600});
		return {
			bench,
			choose: () => {
				chosen ??= ask(bench, changed).catch(failed);
				return chosen;
			},
		};
	} catch (error) {
		return {bench, choose: async () => failed(error)};
	}
};
