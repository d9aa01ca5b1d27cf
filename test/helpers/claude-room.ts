import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {type SessionLine, sessionSchema} from '../../source/core/session/words.ts';
import {temporaryFolder} from './cleanup.ts';
import {realProgram} from './cli.ts';
import {APPROVES, DEV_1, openEngine, type TestRoom} from './engine.ts';
import type {Script} from './model-server/script.ts';
import {startModelServer} from './model-server.ts';

/** A room whose developer is the real Claude Code in its pane, on a scripted model; without a sandbox, for inside of one it asks nobody. */
export const openClaude = async (script: Script): Promise<TestRoom> => {
	const model = await startModelServer({script});
	onTestFinished(() => model.close());
	const home = temporaryFolder('h');
	mkdirSync(join(home, '.claude'), {recursive: true});
	writeFileSync(join(home, '.claude.json'), '{"hasCompletedOnboarding": true}\n');
	const environment = {HOME: home, CLAUDE_CONFIG_DIR: join(home, '.claude'), ANTHROPIC_BASE_URL: model.url, ANTHROPIC_AUTH_TOKEN: 'x'};
	writeFileSync(join(home, '.claude', '.claude.json'), '{"hasCompletedOnboarding": true}\n');
	const reviews = join(home, 'review.sh');
	writeFileSync(reviews, APPROVES);
	return openEngine({
		agents: {},
		config: {
			sandbox: 'off',
			team: [
				{role: 'developer', harness: 'claude'},
				{role: 'code-sentinel', harness: 'approves'},
			],
		},
		options: {
			harnesses: {
				claude: {
					name: 'claude',
					command: [realProgram('claude')],
					finish: 'report',
					cli: 'claude',
					mode: 'interactive',
					permissions: 'edit',
					environment,
				},
				approves: {name: 'approves', command: ['sh', reviews], finish: 'exit'},
			},
		},
	});
};

/** What the screen of the developer shows. */
export const screenOf = (room: TestRoom): string => {
	const screen = room.store.pane(DEV_1)?.screen;
	return screen ? Array.from({length: screen.rows}, (_, row) => screen.textOf(row)).join('\n') : '';
};

/** What `explain` tells of the developer's program; undefined where none runs. */
export const sessionIn = async (room: TestRoom): Promise<SessionLine | undefined> => {
	const {data} = await room.call({op: 'explain', id: 'dev-1'});
	return sessionSchema.safeParse((data as {session?: unknown} | undefined)?.session).data;
};
