import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {findOnPath} from '../../source/os/find-program.ts';
import {findServerBinary} from '../../source/redis/server/binary.ts';
import {root} from './room.ts';

export const NEEDS = ['redis-server', 'valkey-server', 'tmux', 'bullmq', 'bubblewrap'] as const;
/** What a bench cannot run without. */
export type Need = (typeof NEEDS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** The program of Valkey, for the benches that run on it besides. */
export const findValkey = (environment: Environment): string | undefined => findOnPath('valkey-server', environment.PATH ?? '');

/** Why something is not there, with the command that brings it; '' where it is. */
const whyNot: Readonly<Record<Need, (environment: Environment, packages: string) => string>> = {
	'redis-server': environment => (findServerBinary(environment) ? '' : 'redis-server is missing (`agent-room setup`)'),
	'valkey-server': environment => (findValkey(environment) ? '' : 'valkey-server is missing (`agent-room setup --with valkey`)'),
	tmux: ({PATH = ''}) => (findOnPath('tmux', PATH) ? '' : 'tmux, the peer, is missing (`agent-room setup --with tmux`)'),
	bullmq: (_environment, packages) => (existsSync(join(packages, 'bullmq')) ? '' : 'BullMQ, the peer, is missing (`npm ci`)'),
	bubblewrap: ({PATH = ''}) => (findOnPath('bwrap', PATH) ? '' : 'bubblewrap is missing (`agent-room setup --with bubblewrap`)'),
};

/** What of this a machine does not have, and why, in one line; '' when a bench can run. */
export const missingOf = (needs: readonly Need[], environment: Environment = process.env, packages = join(root, 'node_modules')): string =>
	needs
		.map(need => whyNot[need](environment, packages))
		.filter(Boolean)
		.join('; ');
