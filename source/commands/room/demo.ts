import {execFile, spawn} from 'node:child_process';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {Environment} from '../../core/config/display-words.ts';
import type {EventLine, StatusLine} from '../../core/protocol/output-schema.ts';
import {type DemoFacts, factLines, readFacts} from '../../programs/demo/facts.ts';
import {createScratch, type Scratch} from '../../programs/demo/scratch.ts';
import {demoTasks, FEATURE, MOST_TASKS, WHAT_COMES} from '../../programs/demo/tasks.ts';
import {CommandError, EXIT, isSet, packageRoot, type RunCommand, wrongUsage} from '../parse/command.ts';
import {displayEnvironment, hasScreen} from '../parse/display-flags.ts';
import {plainLine} from '../parse/print.ts';

const DEVELOPERS = 3;
/** Wait for a human's answer to the permission question, ms. */
const WAIT_MS = {room: 20_000, headless: 3000} as const;

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const bin = (): string => join(packageRoot(), 'bin', 'agent-room.js');

/** Runs one of our commands on the demo; returns its output. Passes refusals on. */
const command = async (scratch: Scratch, ...args: readonly string[]): Promise<string> => {
	const child = promisify(execFile)(process.execPath, [bin(), ...args, '--repo', scratch.repository], {
		env: scratch.environment,
		maxBuffer: 256_000_000,
	});
	const {stdout} = await child.catch((error: {stderr?: string; message: string}) => {
		throw new CommandError(
			'demo',
			plainLine(error.stderr?.trim().replace(/^agent-room: /, '') || error.message),
			`The demo's folder: ${scratch.folder}`,
			EXIT.failed,
		);
	});
	return stdout;
};

/** Runs the room on this terminal, or headless; resolves with its exit code. Forwards signals, so that the closing lines still print. */
const play = (scratch: Scratch, args: readonly string[]): Promise<number> =>
	new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [bin(), ...args, '--repo', scratch.repository], {env: scratch.environment, stdio: 'inherit'});
		// A terminal sends SIGINT to both; other signals only reach this process.
		const forward = (signal: NodeJS.Signals): void => {
			if (signal !== 'SIGINT') child.kill(signal);
		};
		for (const name of FORWARDED) process.on(name, forward);
		child.once('error', reject);
		child.once('exit', code => {
			for (const name of FORWARDED) process.off(name, forward);
			resolve(code ?? EXIT.failed);
		});
	});

const jsonLines = (text: string): unknown[] =>
	text
		.split('\n')
		.filter(line => line !== '')
		.map(line => JSON.parse(line) as unknown);

const look = async (scratch: Scratch): Promise<DemoFacts> => {
	const status = JSON.parse(await command(scratch, 'status', '--json')) as StatusLine;
	return readFacts(status, jsonLines(await command(scratch, 'events', '--json')) as EventLine[]);
};

const whatIsLeft = (scratch: Scratch, isRunning: boolean): readonly string[] =>
	isRunning
		? ['Agents keep running.', `  reattach:   ${scratch.roomScript}`, `  stop:       ${scratch.roomScript} stop`]
		: ['The room has ended.', `  continue:   ${scratch.roomScript}`, `  remove:     rm -rf ${scratch.folder}`];

/**
 * `agent-room demo`: scripted agents in a scratch repository on an embedded Redis, nothing of the user's; a feature passes all eight roles.
 * Headless it is like `run --until-empty`. Ends with what happened; exits with 0 if everything merged or the user left earlier.
 */
const runDemo = async ({
	agents = DEVELOPERS,
	tasks = demoTasks(agents),
	isHeadless,
	json,
	environment,
}: {
	readonly agents?: number;
	readonly tasks?: number;
	readonly isHeadless: boolean;
	readonly json: boolean;
	readonly environment: Environment;
}): Promise<number> => {
	const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
	const scratch = await createScratch({
		binFile: bin(),
		parent: tmpdir(),
		developers: agents,
		tasks,
		waitMs: WAIT_MS[isHeadless ? 'headless' : 'room'],
		environment,
	});
	if (!json) say([...WHAT_COMES, `Scratch repository: ${scratch.repository}`]);
	await command(scratch, 'add', FEATURE.title, '--feature', '--id', FEATURE.id);
	const code = await play(scratch, isHeadless ? ['run', '--until-empty', ...(json ? ['--json'] : [])] : []);
	const facts = await look(scratch);
	const isOver = facts.merged === facts.tasks;
	if (isOver && facts.isRunning) await command(scratch, 'stop');
	if (json) {
		say([JSON.stringify({type: 'demo', folder: scratch.folder, ...facts})]);
		return isOver ? EXIT.ok : EXIT.failed;
	}
	const {stdout} = await promisify(execFile)('git', ['log', '--oneline', '--first-parent', 'main'], {cwd: scratch.repository});
	say([
		'',
		...factLines(facts, stdout.trim().split('\n').map(plainLine)),
		...(isOver
			? [`The repository stays in ${scratch.repository}. To remove it: rm -rf ${scratch.folder}`]
			: whatIsLeft(scratch, facts.isRunning)),
	]);
	return isOver ? EXIT.ok : isHeadless ? EXIT.failed : code;
};

export const demo: RunCommand = invocation => {
	const read = (name: 'agents' | 'tasks'): number | undefined => {
		const value = invocation.flags[name];
		if (typeof value !== 'number') return undefined;
		if (value < 1 || value > MOST_TASKS) throw wrongUsage(`The flag \`--${name}\` takes 1 to ${MOST_TASKS}.`);
		return value;
	};
	const environment = displayEnvironment(invocation);
	const isHeadless = isSet(invocation, 'headless') || isSet(invocation, 'json') || !hasScreen(environment, process.stdout.isTTY);
	return runDemo({agents: read('agents'), tasks: read('tasks'), isHeadless, json: isSet(invocation, 'json'), environment});
};
