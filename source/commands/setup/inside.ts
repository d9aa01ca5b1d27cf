import {join} from 'node:path';
import {configSchema} from '../../core/config/config.ts';
import type {Surrounded} from '../../room/parts/sandboxing.ts';
import {surround} from '../../room/prepare/sandbox.ts';
import {findSandbox} from '../../sandbox/sandbox.ts';
import {packageRoot} from '../parse/command.ts';

/**
 * Sandboxes a program under inspection, where possible: it only sees and writes a scratch folder with its home. A program from a
 * repository's configuration runs like in an attempt.
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
