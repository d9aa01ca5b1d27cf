import * as z from 'zod';
import {readSize} from '../text/format.ts';

/** `auto`: on where it works. `on`: the room refuses to start without it. A list is the beginning of a custom wrapper command. */
export const sandboxChoice = z.union(
	[z.enum(['auto', 'on', 'off']), z.array(z.string().min(1)).min(1)],
	'one of `auto`, `on`, `off`, or the beginning of a command such as `[firejail, --quiet]`',
);

/** `models`: only the hosts of the agent CLI and of `hosts`, through the room's proxy. `off`: only the attempt's own loopback. */
export const networkChoice = z.enum(['on', 'models', 'off'], 'one of `on`, `models`, `off`');

const SIZE = 'a size such as `4GB` or `512MB`';
const size = z
	.union([z.string(), z.number()], SIZE)
	.refine(value => readSize(String(value)) !== undefined, SIZE)
	.transform(value => readSize(String(value)) ?? 0);

const PROCESSES = 'a number of processes from 8 on';

const path = z
	.string()
	.regex(/^(?:~|\/)(?:[^\p{Cc}]{0,999})$/u, 'an absolute path, or one that begins with `~/`')
	.refine(text => !text.split('/').includes('..'), 'a path without `..`');

const host = z
	.string()
	.regex(/^(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(?::\d{1,5})?$/, 'a host such as `registry.npmjs.org` or `*.npmjs.org`');

/** Config keys of the sandbox. Sizes are parsed to bytes. */
export const sandboxKeys = {
	sandbox: sandboxChoice
		.default('auto')
		.describe(
			'`auto`: agents, `setup` and `test` run in a sandbox where one works; `on`: nothing runs without; `off`; or a command of your own.',
		),
	network: networkChoice
		.default('on')
		.describe('What the sandbox lets through: `on`, `models` (the hosts of the agent CLI and those of `hosts`), `off`.'),
	hosts: z.array(host).max(200).default([]).describe('Further hosts that `network: models` lets through, such as `registry.npmjs.org`.'),
	readable: z.array(path).max(100).default([]).describe('Further paths that the sandbox shows, such as `~/.config/tool`.'),
	writable: z.array(path).max(100).default([]).describe('Further paths in which the sandbox lets agents write, such as `~/.npm`.'),
	limits: z
		.strictObject({
			memory: size.optional(),
			processes: z.union([z.int().min(8, PROCESSES).max(1_000_000, PROCESSES)], PROCESSES).optional(),
			disk: size.optional(),
		})
		.default({})
		.describe('What one attempt may use: `memory` and `disk` such as `4GB`, `processes` as a number.'),
};

export type SandboxConfig = z.output<z.ZodObject<typeof sandboxKeys>>;
export type SandboxChoice = SandboxConfig['sandbox'];
export type NetworkChoice = SandboxConfig['network'];
export type Limits = SandboxConfig['limits'];
