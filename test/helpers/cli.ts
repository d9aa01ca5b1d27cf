import {existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {installed} from '../clis/cache.ts';
import {PINNED, REAL_CLIS, type RealCli} from '../clis/pinned.ts';
import {stayOutOfDevices} from './cleanup.ts';
import type {Script} from './model-server/script.ts';
import {type ModelServer, startModelServer} from './model-server.ts';
import {createStory, type Story} from './room.ts';

/** The program of a CLI that is installed. */
export const realProgram = (name: RealCli): string => {
	const found = installed(name);
	if ('reason' in found) throw new Error(found.reason);
	return found.program;
};

/** The CLIs that this run is about, `TEST_CLIS=claude,codex`; unset, all that are installed. */
const wanted = process.env.TEST_CLIS?.split(',');

/** Why tests of a CLI cannot run here; nothing where they can. */
const reasonsAgainst = (name: RealCli): readonly string[] => {
	if (wanted && !wanted.includes(name)) return [`TEST_CLIS leaves out ${name}.`];
	const found = installed(name);
	return 'reason' in found ? [found.reason] : [];
};

/** A test that runs real CLIs. Where one of them is not installed or not wanted it is left out, and the reason is printed. */
export const testOn = (clis: readonly RealCli[], title: string, run: () => Promise<void>, timeoutMs?: number): void => {
	const reasons = clis.flatMap(reasonsAgainst);
	if (reasons.length > 0) process.stderr.write(`Left out: “${title}”. ${reasons.join(' ')}\n`);
	test.skipIf(reasons.length > 0)(title, run, timeoutMs);
};

/** What a person has at home who uses these CLIs, by the path below HOME: they were started once, and have settings. */
export const homeOf = (url: string): Readonly<Record<string, string>> => ({
	'.claude.json': '{"hasCompletedOnboarding": true}\n',
	'.claude/settings.json': '{"theme": "dark", "includeCoAuthoredBy": false}\n',
	'.codex/config.toml': `model = "gpt-6-sol"
model_provider = "scripted"

[model_providers.scripted]
name = "Scripted"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_API_KEY"

[tui]
screen_reader_detection_done = true
`,
	'.gemini/settings.json': '{"security": {"auth": {"selectedType": "gemini-api-key"}}}\n',
	'c/opencode/opencode.json': `${JSON.stringify({
		$schema: 'https://opencode.ai/config.json',
		autoupdate: false,
		share: 'disabled',
		model: 'scripted/scripted-1',
		small_model: 'scripted/scripted-1',
		provider: {
			scripted: {
				npm: '@ai-sdk/openai-compatible',
				name: 'Scripted',
				options: {baseURL: `${url}/v1`, apiKey: 'x'},
				models: {'scripted-1': {name: 'Scripted', limit: {context: 200_000, output: 8000}, cost: {input: 3, output: 15}}},
			},
		},
	})}\n`,
});

/** Files that a CLI keeps for itself, next to a person's settings. */
const OWN = new Set(['.claude.json']);

/** A story whose agents are real CLIs on a scripted model. */
export type CliStory = Story & {
	readonly model: ModelServer;
	/** Nothing of the person's settings was changed, and nothing of the room lies in the repository. */
	expectUntouched(): void;
};

/** As `createStory`; `claude` and the others are on the person's PATH, logged in by the environment, and were used before. */
export const createCliStory = async (config: string, script: Script, files: Readonly<Record<string, string>> = {}): Promise<CliStory> => {
	stayOutOfDevices();
	const model = await startModelServer({script});
	onTestFinished(() => model.close());
	const names = ['SCRIPTED_API_KEY', 'GOOGLE_GEMINI_BASE_URL'];
	const story = createStory(`${config}env: [STORY, ${names.join(', ')}]\n`, files);
	const home = homeOf(model.url);
	for (const [name, text] of Object.entries(home)) {
		mkdirSync(dirname(join(story.folder, name)), {recursive: true});
		writeFileSync(join(story.folder, name), text);
	}
	const commands = join(story.folder, 'bin');
	mkdirSync(commands);
	for (const name of REAL_CLIS) {
		const found = installed(name);
		if ('program' in found) symlinkSync(found.program, join(commands, PINNED[name].program));
	}
	Object.assign(story.env, {
		PATH: `${commands}:${story.env.PATH ?? ''}`,
		ANTHROPIC_BASE_URL: model.url,
		ANTHROPIC_AUTH_TOKEN: 'x',
		SCRIPTED_API_KEY: 'x',
		GEMINI_API_KEY: 'x',
		GOOGLE_GEMINI_BASE_URL: model.url,
	});
	return Object.assign(story, {
		model,
		expectUntouched: () => {
			for (const [name, text] of Object.entries(home)) {
				const file = join(story.folder, name);
				if (!OWN.has(name)) expect([name, existsSync(file) ? readFileSync(file, 'utf8') : 'gone']).toEqual([name, text]);
			}
			expect(story.git('status', '--porcelain', '--ignored')).toBe('');
			expect(model.problems).toEqual([]);
		},
	});
};
