import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {CliName, Mode} from '../../source/core/agent/agent.ts';
import {temporaryFolder} from './cleanup.ts';
import {APPROVES, type EngineOptions, openEngine, type TestRoom} from './engine.ts';
import {node, root} from './program.ts';

/**
 * Words that a script of a fake agent CLI may use: `hook EVENT PAYLOAD` tells the room by the real program of the hooks, `screen TEXT` draws a screen anew,
 * `title TEXT` sets the title, `await NAME` waits for a file of the scratch folder `$D`.
 */
const WORDS = `
hook() { printf '%s' "$2" | "$NODE" "$HOOK" "$1"; }
screen() { printf '\\033[2J\\033[H%s' "$1"; }
title() { printf '\\033]0;%s\\007' "$1"; }
await() { while [ ! -e "$D/$1" ]; do sleep 0.05; done; }
`;

/** A room with one developer whose program is a script that gives the signs of an agent CLI, and a reviewer that approves. */
export const openFakeCli = async (
	script: string,
	{
		cli = 'codex',
		mode = 'interactive',
		count = 1,
		...options
	}: Partial<EngineOptions> & {readonly cli?: CliName; readonly mode?: Mode; readonly count?: number} = {},
): Promise<TestRoom & {readonly scratch: string}> => {
	const scratch = join(temporaryFolder('f'), 'd');
	mkdirSync(scratch, {recursive: true});
	const file = join(scratch, 'cli.sh');
	writeFileSync(file, `${WORDS}\n${script}\n`);
	const reviews = join(scratch, 'review.sh');
	writeFileSync(reviews, APPROVES);
	const environment = {D: scratch, NODE: node, HOOK: join(root, 'dist', 'hook.js')};
	const room = await openEngine({
		agents: {},
		...options,
		config: {
			team: [
				{role: 'developer', harness: 'fake', count},
				{role: 'code-sentinel', harness: 'approves'},
			],
			writable: [scratch],
			readable: [root],
			...options.config,
		},
		options: {
			harnesses: {
				fake: {name: 'fake', command: ['sh', file], finish: 'report', cli, mode, environment},
				approves: {name: 'approves', command: ['sh', reviews], finish: 'exit'},
			},
			...options.options,
		},
	});
	return {...room, scratch};
};

/** A payload of a hook that asks whether a command may be run. */
export const asking = (command: string): string => JSON.stringify({tool_name: 'Bash', tool_input: {command}});
