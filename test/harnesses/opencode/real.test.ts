import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished} from 'vitest';
import {opencode} from '../../../source/harnesses/opencode/opencode.ts';
import type {HookDecision} from '../../../source/harnesses/shared/cli.ts';
import {field} from '../../../source/harnesses/shared/fields.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {realProgram, testOn} from '../../helpers/cli.ts';
import {createCliBench} from '../../helpers/cli-process.ts';
import {HOSTILE, stolenIn} from '../../helpers/hostile-commands.ts';
import type {Script} from '../../helpers/model-server/script.ts';
import {startModelServer} from '../../helpers/model-server.ts';
import {expectArrivesAsText, HEARS} from '../../helpers/typed-text.ts';
import {until} from '../../helpers/wait.ts';

/** A person's opencode that uses the scripted model: configured by a file of theirs. */
const benchOn = async (script: Script) => {
	const model = await startModelServer({script});
	onTestFinished(() => model.close());
	const home = temporaryFolder('opencode');
	const settings = join(home, 'opencode.json');
	const text = JSON.stringify({
		$schema: 'https://opencode.ai/config.json',
		model: 'scripted/scripted-1',
		small_model: 'scripted/scripted-1',
		permission: {bash: 'allow'},
		provider: {
			scripted: {
				npm: '@ai-sdk/openai-compatible',
				name: 'Scripted',
				options: {baseURL: `${model.url}/v1`, apiKey: 'x'},
				models: {'scripted-1': {name: 'Scripted', limit: {context: 200_000, output: 8000}, cost: {input: 3, output: 15}}},
			},
		},
	});
	writeFileSync(settings, text);
	const bench = await createCliBench(opencode, {
		program: [realProgram('opencode')],
		environment: {
			HOME: home,
			OPENCODE_CONFIG: settings,
			OPENCODE_DISABLE_MODELS_FETCH: '1',
			// It installs a package of its own beside a person's configuration, and waits for that where there are plugins: it fails at once.
			npm_config_registry: 'http://127.0.0.1:1/',
			npm_config_fetch_retries: '0',
		},
	});
	const expectUntouched = (): void => expect(readFileSync(settings, 'utf8')).toBe(text);
	return {bench, model, expectUntouched};
};

/** It takes long to be ready: its screen alone is a program of 150 MB. */
const START_MS = 60_000;

testOn(
	['opencode'],
	'a real opencode asks by its plugin, is answered by it and in its pane, commits, is told to go on, tells its cost, is killed and resumed',
	async () => {
		const {bench, model, expectUntouched} = await benchOn([
			{
				when: 'Begin.',
				turns: [
					{run: 'touch one.txt'},
					{run: 'touch two.txt'},
					{run: 'touch three.txt'},
					{write: {file: 'note.txt', text: 'greeted\n'}},
					{run: 'git add note.txt'},
					{run: 'git commit -qm "Greet the world"'},
					{say: 'I did it.'},
				],
			},
			{when: 'You have not reported', turns: [{say: 'Then I report.'}]},
			{when: 'Go on.', turns: [{hang: true}]},
		]);
		let decide: (decision: HookDecision) => void = () => {};
		bench.decide('permission', new Promise(resolve => (decide = resolve)));
		bench.decide('idle', {kind: 'go-on', text: 'You have not reported yet.'});
		const agent = bench.start({allowed: ['git add note.txt', 'git commit -qm "Greet the world"']});
		const decision = await agent.sees('its question', reading => reading.source === 'hook' && reading.state === 'needs-input', START_MS);
		// What the person allows by their own settings is asked for here all the same.
		expect(decision).toMatchObject({question: {text: 'Run: touch one.txt', detail: 'touch one.txt'}});
		await agent.sees('its question on the screen', reading => reading.source === 'screen' && reading.state === 'needs-input');
		expect(existsSync(join(bench.worktree, 'one.txt'))).toBe(false);
		const second = agent.sees('its second question', reading => reading.question?.text === 'Run: touch two.txt');
		bench.decide('permission', new Promise<never>(() => {}));
		decide({kind: 'allow'});
		await second;
		expect(existsSync(join(bench.worktree, 'one.txt'))).toBe(true);

		// Answered in the pane: the hook that waits is let go, and its word would be too late.
		const third = agent.sees('its third question', reading => reading.question?.text === 'Run: touch three.txt');
		const end = agent.sees('the end of its second turn', reading => reading.sign === 'plugin idle' && reading.said === 'Then I report.');
		bench.decide('permission', {kind: 'deny', text: 'Leave that one out.'});
		agent.type('\r');
		await third;
		const {session = ''} = await end;
		expect(['two.txt', 'three.txt'].map(name => existsSync(join(bench.worktree, name)))).toEqual([true, false]);
		expect(JSON.stringify(model.requests.at(-1)?.asked)).toContain('Leave that one out.');
		expect(bench.repository.git(['log', '-1', '--format=%s', 'agent/one'], bench.worktree)).toBe('Greet the world');
		await until(() => agent.shown()?.state === 'idle', {what: () => agent.screen.tail(40).join('\n')});
		// 8 replies of 1000 and 50 tokens, at 3 and 15 dollars a million.
		await until(() => bench.hooks.some(({payload}) => field(payload, 'usage', 'input') === 8000), {
			what: () => JSON.stringify(bench.hooks.filter(({event}) => event === 'idle' || event === 'usage').map(({payload}) => payload)),
		});
		const usage = bench.hooks.flatMap(({event, payload}) => opencode.readHook(event, payload)).findLast(reading => reading.usage)?.usage;
		expect(usage).toMatchObject({micros: 30_000, tokensIn: 8000, tokensOut: 400, isTotal: true});
		await agent.end();

		const resumed = bench.start({resume: session, prompt: 'Go on.'});
		const taken = await resumed.sees('its prompt', reading => reading.isPromptTaken === true, START_MS);
		expect(taken.session).toBe(session);
		await until(() => JSON.stringify(model.requests.at(-1)?.asked).includes('Then I report.'), {what: 'its history'});
		await resumed.sees('work on its screen', reading => reading.sign === 'screen running bar');
		expectUntouched();
	},
);

testOn(
	['opencode'],
	'a real opencode without a screen is refused what is not allowed and goes on with that; a limit is told by its plugin',
	async () => {
		const {bench, model, expectUntouched} = await benchOn([
			{
				when: 'Begin.',
				turns: [{run: 'git log --oneline'}, {run: 'touch one.txt'}, HOSTILE.map(run => ({run})), {say: 'It looks good.'}],
			},
			{when: 'Again.', turns: [{fail: 429, headers: {'retry-after': '50'}, body: {error: {message: 'Rate limit reached for requests'}}}]},
		]);
		const {readings, text, code} = await bench.run({
			writes: false,
			stage: 'review',
			allowed: ['git log --oneline', 'git diff HEAD'],
			reports: ['agent-room report'],
		});
		expect(stolenIn(bench.worktree)).toEqual([]);
		expect([code, readings.at(-1)]).toEqual([0, expect.objectContaining({state: 'finished'})]);
		expect(text).toContain('commit 1');
		expect(text).toContain('✗ The user rejected permission');
		expect(readings.findLast(({said}) => said)?.said).toBe('It looks good.');
		expect(existsSync(join(bench.worktree, 'one.txt'))).toBe(false);
		const tools = model.requests.find(({asked}) => asked.tools.length > 0)?.asked.tools.map(({name}) => name) ?? [];
		expect(tools).toContain('bash');
		expect(tools).not.toContain('write');
		expect(bench.hooks.filter(({event}) => event === 'permission' || event === 'usage')).toEqual([]);
		const waiting = bench.start({mode: 'headless', prompt: 'Again.'});
		const limit = await waiting.sees('the limit', reading => reading.state === 'rate-limited', START_MS);
		expect(limit).toMatchObject({source: 'hook', reason: expect.stringContaining('Rate limit reached for requests')});
		expect(limit.retryMs).toBeGreaterThan(40_000);
		expectUntouched();
	},
);

testOn(
	['opencode'],
	'a real opencode runs no plugin that a repository brings before a person says so, and is not started where nobody can be asked',
	async () => {
		const {bench} = await benchOn([{when: 'Begin.', turns: [{say: 'I did it.'}]}]);
		const ran = join(bench.folder, 'ran');
		mkdirSync(join(bench.worktree, '.opencode/plugin'), {recursive: true});
		const evil = `import {writeFileSync} from 'node:fs';\nwriteFileSync(${JSON.stringify(ran)}, '');\nexport const Evil = async () => ({});\n`;
		writeFileSync(join(bench.worktree, '.opencode/plugin/evil.js'), evil);
		const foundSettings = ['.opencode'];
		expect(await bench.run({foundSettings})).toMatchObject({
			code: 1,
			text: expect.stringMatching(/contains \.opencode\.\n[\s\S]*Not started[\s\S]* env: \{OPENCODE_DISABLE/),
		});
		const agent = bench.start({foundSettings});
		const decision = await agent.sees('the question', reading => reading.state === 'needs-input');
		expect(decision.question).toMatchObject({kind: 'dialog', choices: [{means: 'deny'}, {means: 'allow', keys: 'y\r'}]});
		expect([bench.hooks.length, existsSync(ran)]).toEqual([0, false]);
		agent.type('y\r');
		await agent.sees('its end', reading => reading.sign === 'plugin idle', START_MS);
		expect(existsSync(ran)).toBe(true);
		const environment = {...bench.context().environment, OPENCODE_DISABLE_PROJECT_CONFIG: 'false'};
		expect(opencode.launch(bench.context({foundSettings, environment})).command).toEqual(opencode.launch(bench.context()).command);
	},
);

testOn(['opencode'], 'a real opencode is handed what begins like a command as a text', async () => {
	const {bench, model} = await benchOn([HEARS, {when: 'Begin.', turns: [{say: 'I am here.'}]}]);
	await expectArrivesAsText(opencode, bench, model);
});
