import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, realpath, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {quote} from '../../core/text/quote.ts';
import {projectConfig, projectFiles} from './project.ts';
import {demoPlan, PROTECTED} from './tasks.ts';

/** The demo's repository, state and configuration in a temporary folder; it reads and writes nothing of the user's. */
export type Scratch = {
	readonly folder: string;
	readonly repository: string;
	/** Script that runs our command on the demo from any shell, such as `/tmp/agent-room-demo-x/room stop`. */
	readonly roomScript: string;
	/** Environment of the room and its commands: state and configuration below `folder`, embedded Redis, its own config trusted. */
	readonly environment: Readonly<Record<string, string | undefined>>;
};

/** The caller's environment without anything that leads to another room, Redis or git repository. */
const ownEnvironment = (environment: NodeJS.ProcessEnv, folder: string): Readonly<Record<string, string | undefined>> => ({
	...Object.fromEntries(
		Object.entries(environment).filter(
			([name]) => !/^(AGENT_ROOM_(?!ASCII|THEME|MOUSE|SCREEN_READER|REDUCE_MOTION|CURSOR|REDIS_SERVER)|GIT_)/.test(name),
		),
	),
	XDG_STATE_HOME: join(folder, 's'),
	XDG_CONFIG_HOME: join(folder, 'c'),
	AGENT_ROOM_TRUST: '1',
	// The screen ends with a card of what comes next.
	AGENT_ROOM_DEMO: '1',
});

const roomCommand = (folder: string, repository: string, binFile: string): string => `#!/bin/sh
export XDG_STATE_HOME=${quote(join(folder, 's'))} XDG_CONFIG_HOME=${quote(join(folder, 'c'))} AGENT_ROOM_TRUST=1
exec ${quote(process.execPath)} ${quote(binFile)} --repo ${quote(repository)} "$@"
`;

/** Creates the scratch folder below `parent`. Disables signing and hooks of the user's git. */
export const createScratch = async (options: {
	readonly parent: string;
	/** `bin/agent-room.js`. */
	readonly binFile: string;
	readonly developers: number;
	readonly tasks: number;
	readonly waitMs: number;
	readonly environment: NodeJS.ProcessEnv;
}): Promise<Scratch> => {
	const folder = await realpath(await mkdtemp(join(options.parent, 'agent-room-demo-')));
	const repository = join(folder, 'wordsmith');
	const scriptFile = join(folder, 'script.json');
	const roomScript = join(folder, 'room');
	const plan = demoPlan(options.tasks, options.waitMs);
	const environment = ownEnvironment(options.environment, folder);
	const git = (...args: readonly string[]): Promise<unknown> => promisify(execFile)('git', args, {cwd: repository, env: environment});
	const files = {
		...projectFiles(process.execPath),
		'agent-room.yaml': projectConfig({developers: options.developers, scriptFile, protectedPaths: PROTECTED}),
	};

	for (const name of ['wordsmith', 's', 'c', 'hooks']) await mkdir(join(folder, name), {mode: 0o700});
	await writeFile(scriptFile, JSON.stringify(plan.script, undefined, '\t'));
	await writeFile(roomScript, roomCommand(folder, repository, options.binFile), {mode: 0o755});
	await git('init', '--quiet', '--initial-branch=main');
	const settings = {
		'user.name': 'Demo',
		'user.email': 'demo@agent-room',
		'commit.gpgSign': 'false',
		'core.hooksPath': join(folder, 'hooks'),
		'core.autocrlf': 'false',
	};
	for (const [name, value] of Object.entries(settings)) await git('config', name, value);
	for (const [name, content] of Object.entries(files)) {
		await mkdir(dirname(join(repository, name)), {recursive: true});
		await writeFile(join(repository, name), content);
	}
	await git('add', '--all');
	await git('commit', '--quiet', '-m', 'Begin wordsmith');
	return {folder, repository, roomScript, environment};
};
