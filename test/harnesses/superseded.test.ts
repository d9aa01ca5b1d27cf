import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, onTestFinished} from 'vitest';
import {claude} from '../../source/harnesses/claude/claude.ts';
import {codex} from '../../source/harnesses/codex/codex.ts';
import {gemini} from '../../source/harnesses/gemini/launch.ts';
import type {Cli} from '../../source/harnesses/shared/cli.ts';
import {SUPERSEDED} from '../../source/roles/prompts.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {realProgram, testOn} from '../helpers/cli.ts';
import {createCliBench} from '../helpers/cli-process.ts';
import {startModelServer} from '../helpers/model-server.ts';
import {until} from '../helpers/wait.ts';

type Person = {
	readonly cli: Cli;
	/** Its hook before a tool. */
	readonly before: string;
	/** Does it end the turn, or is the model told no and goes on? */
	readonly endsTurn: boolean;
	readonly home: Readonly<Record<string, string>>;
	readonly program: (url: string) => readonly string[];
	readonly environment: (url: string, home: string) => Readonly<Record<string, string>>;
};

const PEOPLE: Readonly<Record<'claude' | 'codex' | 'gemini', Person>> = {
	claude: {
		cli: claude,
		before: 'PreToolUse',
		endsTurn: true,
		home: {'.claude.json': '{"hasCompletedOnboarding": true}'},
		program: () => [],
		environment: (url, home) => ({HOME: home, ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: 'x'}),
	},
	codex: {
		cli: codex,
		before: 'PreToolUse',
		endsTurn: false,
		home: {'config.toml': '[tui]\nscreen_reader_detection_done = true\n'},
		program: url => [
			...['-c', 'model="scripted-1"', '-c', 'model_provider="scripted"'],
			...['-c', `model_providers.scripted={name="Scripted",base_url="${url}/v1",wire_api="responses",env_key="SCRIPTED_API_KEY"}`],
		],
		environment: (_, home) => ({CODEX_HOME: home, SCRIPTED_API_KEY: 'x'}),
	},
	gemini: {
		cli: gemini,
		before: 'BeforeTool',
		endsTurn: true,
		home: {'.gemini/settings.json': '{"security": {"auth": {"selectedType": "gemini-api-key"}}}\n'},
		program: () => [],
		environment: (url, home) => ({HOME: home, GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: url}),
	},
};

for (const name of ['claude', 'codex', 'gemini'] as const)
	testOn([name], `a real ${name} whose task was taken over hears it at its next tool, which does not run`, async () => {
		const {cli, before, endsTurn, home: files, program, environment} = PEOPLE[name];
		const script = [{when: 'Begin.', turns: [{run: 'touch done.txt'}, {say: 'Then I stop.'}]}];
		const model = await startModelServer({script});
		onTestFinished(() => model.close());
		const home = temporaryFolder(name);
		for (const [file, text] of Object.entries(files)) {
			mkdirSync(dirname(join(home, file)), {recursive: true});
			writeFileSync(join(home, file), text);
		}
		const bench = await createCliBench(cli, {
			program: [realProgram(name), ...program(model.url)],
			environment: environment(model.url, home),
		});
		bench.decide(before, {kind: 'deny', text: SUPERSEDED});
		const agent = bench.start({permissions: 'full', allowed: ['touch']});
		const asked = (): number => model.requests.filter(({steps}) => steps.length > 0).length;
		await until(() => bench.hooks.some(({event}) => event === before), {what: () => agent.screen.tail(40).join('\n')});
		if (endsTurn)
			await until(() => agent.screen.tail(40).join('\n').includes('reassigned'), {what: () => agent.screen.tail(40).join('\n')});
		else
			await until(() => JSON.stringify(model.requests.at(-1)?.body).includes('reassigned'), {
				what: () => agent.screen.tail(40).join('\n'),
			});
		await until(() => agent.shown()?.state === 'idle', {what: () => agent.screen.tail(40).join('\n')});
		expect(existsSync(join(bench.worktree, 'done.txt'))).toBe(false);
		expect(asked()).toBe(endsTurn ? 1 : 2);
		await agent.end();
	});
