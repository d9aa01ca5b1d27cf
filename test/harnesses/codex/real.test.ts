import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished} from 'vitest';
import {codex} from '../../../source/harnesses/codex/codex.ts';
import type {HookDecision} from '../../../source/harnesses/shared/cli.ts';
import {followLines} from '../../../source/room/session/files.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {realProgram, testOn} from '../../helpers/cli.ts';
import {createCliBench} from '../../helpers/cli-process.ts';
import type {Script} from '../../helpers/model-server/script.ts';
import {startModelServer} from '../../helpers/model-server.ts';
import {expectArrivesAsText, HEARS} from '../../helpers/typed-text.ts';
import {until} from '../../helpers/wait.ts';

/** What a Codex that was started once keeps in its configuration. */
const CONFIG = '[tui]\nscreen_reader_detection_done = true\n';

const connect = (socket: string): string =>
	`${process.execPath} -e 'require("net").connect("${socket}").on("connect", () => { console.log("reached"); process.exit() }).on("error", e => console.log(e.message))'`;

/** A person's Codex that uses the scripted model. */
const benchOn = async (script: Script) => {
	const model = await startModelServer({script});
	onTestFinished(() => model.close());
	const home = temporaryFolder('codex');
	writeFileSync(join(home, 'config.toml'), CONFIG);
	const provider = `{name="Scripted",base_url="${model.url}/v1",wire_api="responses",env_key="SCRIPTED_API_KEY",request_max_retries=0,stream_max_retries=0}`;
	const bench = await createCliBench(codex, {
		program: [
			realProgram('codex'),
			...['-c', 'model="scripted-1"', '-c', 'model_provider="scripted"', '-c', `model_providers.scripted=${provider}`],
		],
		environment: {CODEX_HOME: home, SCRIPTED_API_KEY: 'x'},
		hasOddNames: true,
	});
	return {bench, model, home};
};

const run = (cmd: string) => ({call: 'exec_command', input: {cmd}});
const escalated = (cmd: string) => ({
	call: 'exec_command',
	input: {cmd, sandbox_permissions: 'require_escalated', justification: 'It lies outside.'},
});

testOn(
	['codex'],
	'a real codex works in its sandbox, asks by its hook, is told to go on at the end of its turn, is killed and resumed',
	async () => {
		const {bench, model} = await benchOn([]);
		const beyond = join(bench.repository.root, 'beyond.txt');
		model.use([
			{
				when: 'Begin.',
				turns: [
					run('echo more >>README.md && git add --all && git commit -qm "Write more"; echo $?'),
					run(`touch ${join(bench.repository.root, '.git/hooks/pre-commit')}`),
					escalated(`touch ${beyond}`),
					{say: 'I did it.'},
				],
			},
			{when: 'You have not reported', turns: [{say: 'Then I report.'}]},
			{when: 'Go on.', turns: [{hang: true}]},
		]);
		let decide: (decision: HookDecision) => void = () => {};
		bench.decide('PermissionRequest', new Promise(resolve => (decide = resolve)));
		bench.decide('Stop', {kind: 'go-on', text: 'You have not reported <yet>.'});
		const agent = bench.start();
		const decision = await agent.sees('its question', reading => reading.state === 'needs-input');
		expect(decision).toMatchObject({
			source: 'hook',
			question: {text: 'May it run this command? It lies outside.', detail: `touch ${beyond}`},
		});
		// Inside of the sandbox it may commit, and not touch what runs elsewhere.
		expect(bench.repository.git(['log', '-1', '--format=%s', 'agent/one'], bench.worktree)).toBe('Write more');
		expect(existsSync(join(bench.repository.root, '.git/hooks/pre-commit'))).toBe(false);
		expect(existsSync(beyond)).toBe(false);
		const end = agent.sees('the end of its second turn', reading => reading.sign === 'hook Stop' && reading.said === 'Then I report.');
		decide({kind: 'allow'});
		await end;
		expect(existsSync(beyond)).toBe(true);
		await until(() => agent.shown()?.state === 'idle', {what: () => agent.screen.tail(40).join('\n')});
		const events = bench.hooks.map(({event}) => event);
		expect(events.slice(0, 3)).toEqual(['SessionStart', 'UserPromptSubmit', 'PreToolUse']);
		expect(events.filter(event => event === 'PermissionRequest')).toHaveLength(1);
		const session = decision.session ?? '';
		expect(session).toMatch(/^[0-9a-f-]{36}$/);
		await agent.end();

		const resumed = bench.start({resume: session, prompt: 'Go on.'});
		const taken = await resumed.sees('its prompt', reading => reading.isPromptTaken === true);
		expect(taken.session).toBe(session);
		await resumed.sees('a title that it works', reading => reading.sign === 'title spinner');
		await until(() => model.requests.some(({asked}) => JSON.stringify(asked).includes('Then I report.')), {what: 'its history'});
		const interrupted = resumed.sees('its interrupt', reading => reading.sign === 'hook Interrupt');
		resumed.type(codex.keys.interrupt);
		expect((await interrupted).state).toBe('idle');
	},
);

testOn(['codex'], 'a real codex tells in its rollout that it is told to wait, which no hook does', async () => {
	const {bench} = await benchOn([
		{
			when: 'Begin.',
			turns: [{fail: 429, body: {error: {type: 'usage_limit_reached', message: 'x', plan_type: 'plus', resets_in_seconds: 3600}}}],
		},
	]);
	const agent = bench.start();
	const {transcript = ''} = await agent.sees('its session', reading => reading.transcript !== undefined);
	const readings: unknown[] = [];
	const stop = await followLines(transcript, line => readings.push(...(codex.readTranscript?.(line) ?? [])));
	onTestFinished(() => stop?.());
	await agent.sees('its limit', reading => reading.state === 'rate-limited');
	await until(() => readings.length > 0, {what: 'its rollout'});
	expect(readings.at(-1)).toMatchObject({source: 'hook', state: 'rate-limited', reason: expect.stringContaining('hit your usage limit')});
	expect(bench.hooks.map(({event}) => event)).toEqual(['SessionStart', 'UserPromptSubmit']);
});

testOn(
	['codex'],
	'a real codex without a screen only reads where its role only reads, yet reaches the room, and gives the answer in the form asked for',
	async () => {
		const {bench, model, home} = await benchOn([]);
		// Hooks that a repository brings are not ours: they do not run.
		const planted = join(temporaryFolder('planted'), 'ran');
		const hook = {hooks: {SessionStart: [{hooks: [{type: 'command', command: `touch ${planted}`}]}]}};
		for (const root of [bench.worktree, bench.repository.root]) {
			mkdirSync(join(root, '.codex'));
			writeFileSync(join(root, '.codex/hooks.json'), JSON.stringify(hook));
		}
		model.use([
			{
				when: 'Begin.',
				turns: [
					run(
						`echo x >>README.md; git diff HEAD~0 --stat; git commit --allow-empty -m no; ${connect(bench.socket)}; echo note >"$TMPDIR/note" && cat "$TMPDIR/note"; sleep 1`,
					),
					{say: '{"verdict":"approve"}'},
				],
			},
		]);
		const schema = '{"type":"object","properties":{"verdict":{"type":"string"}},"required":["verdict"],"additionalProperties":false}';
		const {readings, text, code} = await bench.run({writes: false, stage: 'review', answerSchema: schema});
		expect([code, text]).toEqual([0, expect.stringMatching(/^ {2}reached$/m)]);
		expect(text).toMatch(/^ {2}note$/m);
		expect(text).toContain('Read-only file system');
		expect(bench.repository.git(['status', '--porcelain'], bench.worktree)).toBe('?? .codex/');
		expect(bench.repository.git(['log', '-1', '--format=%s', 'agent/one'], bench.worktree)).toBe('commit 1');
		expect(readings.at(-2)).toMatchObject({answer: '{"verdict":"approve"}'});
		expect(readings.at(-1)).toMatchObject({state: 'idle', usage: {isTotal: true}});
		expect(bench.hooks.map(({event}) => event)).toEqual([
			'SessionStart',
			'UserPromptSubmit',
			'PreToolUse',
			'PostToolUse',
			'Stop',
			'SessionEnd',
		]);
		expect(existsSync(planted)).toBe(false);
		// Nothing of the person's was written, and nothing goes on in the background.
		expect(readFileSync(join(home, 'config.toml'), 'utf8')).toBe(CONFIG);
		expect(readdirSync(home)).not.toContain('packages');
	},
);

testOn(['codex'], 'a real codex is handed what begins like a command as a text', async () => {
	const {bench, model} = await benchOn([HEARS, {when: 'Begin.', turns: [{say: 'I am here.'}]}]);
	await expectArrivesAsText(codex, bench, model);
});
