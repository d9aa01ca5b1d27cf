import {join} from 'node:path';
import {configSchema} from '../../core/config/config.ts';
import type {Surrounded} from '../../room/parts/sandboxing.ts';
import {surround} from '../../room/prepare/sandbox.ts';
import {findSandbox} from '../../sandbox/sandbox.ts';
import {packageRoot} from '../parse/command.ts';

/**
 * Surrounds a program that is only looked at, where that works here: it sees a scratch folder, with its home in it, and may write there alone. A
 * program that a repository's configuration names is tried like one that works.
 */
export const insideScratch = async (
	scratch: string,
	{
		command,
		cwd,
		environment,
	}: {readonly command: readonly string[]; readonly cwd: string; readonly environment: Readonly<Record<string, string>>},
): Promise<Surrounded> =>
	surround(
		{
			found: await findSandbox(environment),
			health: {isBroken: false},
			groups: undefined,
			config: configSchema.parse({}),
			inherited: process.env,
			stateFolder: join(scratch, 'state'),
			repository: join(scratch, 'repository'),
			node: process.execPath,
			binFile: join(packageRoot(), 'bin', 'agent-room.js'),
			forwardFile: join(packageRoot(), 'dist', 'forward.js'),
			identity: '',
			onRefused: () => {},
		},
		{home: '', agent: 'doctor', task: '', name: scratch, cwd, command, environment, writable: [scratch], readable: []},
	);
