import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished} from 'vitest';
import {claude} from '../../../source/harnesses/claude/claude.ts';
import type {HookDecision} from '../../../source/harnesses/shared/cli.ts';
import {field} from '../../../source/harnesses/shared/fields.ts';
import {followLines} from '../../../source/room/session/files.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {realProgram, testOn} from '../../helpers/cli.ts';
import {createCliBench} from '../../helpers/cli-process.ts';
import {HOSTILE, stolenIn} from '../../helpers/hostile-commands.ts';
import type {Script} from '../../helpers/model-server/script.ts';
import {startModelServer} from '../../helpers/model-server.ts';
import {expectArrivesAsText, HEARS} from '../../helpers/typed-text.ts';
import {until} from '../../helpers/wait.ts';

/** What a person keeps who has used Claude Code, and never in this repository. */
const SETTINGS = '{"theme": "dark"}\n';

/** A person's Claude Code on the scripted model. */
const benchOn = async (script: Script, environment: Readonly<Record<string, string>> = {}) => {
	const model = await startModelServer({script});
	onTestFinished(() => model.close());
	const home = temporaryFolder('claude');
	mkdirSync(join(home, '.claude'));
	writeFileSync(join(home, '.claude.json'), '{"hasCompletedOnboarding": true}');
	writeFileSync(join(home, '.claude/settings.json'), SETTINGS);
	const bench = await createCliBench(claude, {
		program: [realProgram('claude')],
		environment: {HOME: home, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_AUTH_TOKEN: 'x', CLAUDE_CODE_MAX_RETRIES: '0', ...environment},
	});
	mkdirSync(join(bench.folder, 'told'), {recursive: true});
	writeFileSync(join(bench.folder, 'told/brief.md'), 'Write more.\n');
	return {bench, model, home};
};

testOn(
	['claude'],
	'a real Claude Code reads its brief, commits, asks by its hook, goes on at the end of its turn, is killed and resumed, and is interrupted',
	async () => {
		const {bench, model, home} = await benchOn([]);
		const beyond = join(temporaryFolder('beyond'), 'there.txt');
		model.use([
			{
				when: 'Begin.',
				turns: [
					{read: join(bench.folder, 'told/brief.md')},
					{run: 'echo more >>README.md && git add --all && git commit -qm "Write more"'},
					{run: `curl --silent --output ${beyond} file:///etc/hostname`},
					{say: 'I did it.'},
				],
			},
			{when: 'You have not reported', turns: [{say: 'Then I report.'}]},
			{when: 'Go on.', turns: [{drip: 'one word after the other '.repeat(50), everyMs: 50}]},
		]);
		let decide: (decision: HookDecision) => void = () => {};
		bench.decide('PermissionRequest', new Promise(resolve => (decide = resolve)));
		bench.decide('Stop', {kind: 'go-on', text: 'You have not reported yet.'});
		const agent = bench.start({allowed: ['echo more', 'git add --all', 'git commit -qm "Write more"']});
		const decision = await agent.sees('its question', reading => reading.source === 'hook' && reading.state === 'needs-input');
		// Neither trust, nor its brief, nor its commit was asked about: the command is the first question.
		expect(decision.question).toMatchObject({kind: 'permission', text: `Bash: curl --silent --output ${beyond} file:///etc/hostname`});
		expect(decision.question?.choices.map(({means}) => means)).toEqual(['allow', 'always', 'deny']);
		expect(bench.repository.git(['log', '-1', '--format=%s', 'agent/one'], bench.worktree)).toBe('Write more');
		expect(existsSync(beyond)).toBe(false);
		const [wished, asked] = ['PreToolUse', 'PermissionRequest'].map(event => bench.hooks.findLast(hook => hook.event === event)?.at ?? 0);
		expect((asked ?? 0) - (wished ?? 0)).toBeLessThan(2000);
		// Its own dialog is there as well, and its session's file says so.
		await until(() => agent.shown()?.state === 'needs-input', {what: () => agent.screen.tail(40).join('\n')});
		const file = claude.stateFile?.path({HOME: home}, agent.process.pid) ?? '';
		expect(claude.stateFile?.read(readFileSync(file, 'utf8'))[0]?.state).toBe('needs-input');

		const end = agent.sees('the end of its second turn', reading => reading.sign === 'hook Stop' && reading.said === 'Then I report.');
		// Its status line may tell the cost before the hook of the end does.
		const toldCost = agent.sees('its cost', reading => (reading.usage?.micros ?? 0) > 0, 60_000);
		decide({kind: 'always'});
		await end;
		expect(existsSync(beyond)).toBe(true);
		await until(() => agent.shown()?.state === 'idle', {what: () => agent.screen.tail(40).join('\n')});
		expect((await toldCost).usage?.isTotal).toBe(true);
		expect(bench.hooks.filter(({event}) => event === 'PermissionRequest')).toHaveLength(1);
		// It writes its last words down a moment after its hook has told them: killed before, it would not remember them.
		const transcript = (await end).transcript ?? '';
		await until(() => readFileSync(transcript, 'utf8').includes('Then I report.'), {what: 'its last words in its session'});
		await agent.end();

		const resumed = bench.start({resume: decision.session ?? '', prompt: 'Go on.'});
		const taken = await resumed.sees('its prompt', reading => reading.isPromptTaken === true);
		expect(taken.session).toBe(decision.session);
		await resumed.sees('a title that it works', reading => reading.sign === 'title with a turning sign');
		await until(() => model.requests.some(({asked: request}) => JSON.stringify(request).includes('Then I report.')), {what: 'its history'});
		const said: unknown[] = [];
		const stop = await followLines(taken.transcript ?? '', line =>
			said.push(...(claude.readTranscript?.(line) ?? []).map(({sign}) => sign)),
		);
		onTestFinished(() => stop?.());
		await until(() => resumed.screen.tail(40).join('\n').includes('word after'), {what: () => resumed.screen.tail(40).join('\n')});
		resumed.type(claude.keys.interrupt);
		await until(() => said.includes('transcript, interrupted'), {what: 'the interrupt'});
		await until(() => resumed.shown()?.state === 'idle', {what: () => resumed.screen.tail(40).join('\n')});
		const resumedFile = claude.stateFile?.path({HOME: home}, resumed.process.pid) ?? '';
		await until(() => claude.stateFile?.read(readFileSync(resumedFile, 'utf8'))[0]?.state === 'idle', {what: 'the session file'});

		// Nothing of the person's, and nothing in the worktree or the repository, was written.
		expect(readFileSync(join(home, '.claude/settings.json'), 'utf8')).toBe(SETTINGS);
		expect(bench.repository.git(['-C', bench.worktree, 'status', '--porcelain', '--ignored'])).toBe('');
		expect(readdirSync(bench.repository.root)).not.toContain('.claude');
	},
);

testOn(['claude'], 'a real Claude Code asks its own question by the hook and hears the answer; one that fails says why', async () => {
	const {bench, model} = await benchOn([]);
	const question = {
		question: 'Which database?',
		header: 'DB',
		multiSelect: false,
		options: [
			{label: 'Redis', description: 'Fast'},
			{label: 'SQLite', description: 'Small'},
		],
	};
	model.use([
		{when: 'Begin.', turns: [{call: 'AskUserQuestion', input: {questions: [question]}}, {say: 'Thank you.'}]},
		{when: 'Fail.', turns: [{fail: 429}]},
	]);
	bench.decide('PermissionRequest', {kind: 'deny', text: 'The answer is: SQLite'});
	const agent = bench.start();
	const decision = await agent.sees('its question', reading => reading.source === 'hook' && reading.state === 'needs-input');
	expect(decision.question).toMatchObject({kind: 'question', text: 'Which database?'});
	await agent.sees('the end of its turn', reading => reading.sign === 'hook Stop' && reading.said === 'Thank you.');
	const told = JSON.stringify(model.requests.at(-1)?.asked);
	expect(told).toContain('SQLite');
	expect(told).not.toContain('is_error\\":true');
	await until(() => agent.shown()?.state === 'idle', {what: () => agent.screen.tail(40).join('\n')});
	agent.type('\u001b[200~Fail.\u001b[201~');
	await until(() => /❯\sFail\./.test(agent.screen.tail(40).join('\n')), {what: () => agent.screen.tail(40).join('\n')});
	const failed = agent.sees('its limit', reading => reading.source === 'hook' && reading.state === 'rate-limited');
	agent.type('\r');
	expect((await failed).reason).toContain('429');
	await until(() => agent.shown()?.state === 'rate-limited', {what: () => agent.screen.tail(40).join('\n')});
});

testOn(
	['claude'],
	'a real Claude Code without a screen has no tools that write where its role only reads, asks by its hook, and gives the answer in the form asked for',
	async () => {
		const {bench, model} = await benchOn([
			{when: 'Begin.', turns: [{run: 'git diff HEAD'}, {run: 'touch by-leave.txt'}, {answer: {verdict: 'approve'}}]},
		]);
		bench.decide('PermissionRequest', {kind: 'allow'});
		const answerSchema = JSON.stringify({
			type: 'object',
			properties: {verdict: {type: 'string'}},
			required: ['verdict'],
			additionalProperties: false,
		});
		const {readings, code, text} = await bench.run({stage: 'review', writes: false, answerSchema});
		expect(code).toBe(0);
		expect(JSON.parse(readings.at(-1)?.answer ?? '')).toEqual({verdict: 'approve'});
		expect(text).toContain('$ git diff HEAD');
		expect(existsSync(join(bench.worktree, 'by-leave.txt'))).toBe(true);
		expect(bench.hooks.filter(({event}) => event === 'PermissionRequest')).toHaveLength(1);
		const tools = model.requests.at(-1)?.asked.tools.map(({name}) => name);
		for (const tool of ['Edit', 'Write', 'NotebookEdit', 'EnterWorktree']) expect(tools).not.toContain(tool);
	},
);

testOn(
	['claude'],
	'a real Claude Code that only reads runs what is allowed, to the word, and nothing that a beginning would have let through',
	async () => {
		const {bench} = await benchOn([{when: 'Begin.', turns: [{run: 'git log --oneline'}, HOSTILE.map(run => ({run})), {say: 'I looked.'}]}]);
		const allowed = ['git log --oneline', 'git diff HEAD'];
		const {code} = await bench.run({stage: 'review', writes: false, allowed, reports: ['agent-room report']}, 60_000);
		expect([code, stolenIn(bench.worktree)]).toEqual([0, []]);
		const asked = bench.hooks.flatMap(({event, payload}) =>
			event === 'PermissionRequest' ? [field(payload, 'tool_input', 'command')] : [],
		);
		expect(asked).toContain(HOSTILE[1]);
		expect(asked).not.toContain('git log --oneline');
	},
);

testOn(
	['claude'],
	'a real Claude Code runs nothing that a repository brings before a person trusts it, and the question comes as its own dialog',
	async () => {
		const {bench} = await benchOn([{when: 'Begin.', turns: [{say: 'I did it.'}]}]);
		const planted = join(temporaryFolder('planted'), 'ran');
		mkdirSync(join(bench.worktree, '.claude'));
		const hooks = {SessionStart: [{hooks: [{type: 'command', command: `touch ${planted}`}]}]};
		writeFileSync(join(bench.worktree, '.claude/settings.json'), JSON.stringify({hooks}));
		const foundSettings = ['.claude'];
		// Without a screen nobody can be asked: it goes on without what the repository brings, and its hooks reach the room.
		const {code} = await bench.run({foundSettings});
		expect([code, existsSync(planted)]).toEqual([0, false]);
		const agent = bench.start({foundSettings});
		const decision = await agent.sees('its dialog', reading => reading.state === 'needs-input');
		expect(decision.question).toMatchObject({kind: 'dialog', choices: [{means: 'deny'}, {means: 'allow'}]});
		expect([bench.hooks.length, existsSync(planted)]).toEqual([0, false]);
		// In its first moments the dialog takes no key.
		const keys = decision.question?.choices.find(({means}) => means === 'allow')?.keys ?? '';
		const answer = (): boolean => {
			if (agent.shown()?.question?.text === decision.question?.text) agent.type(keys);
			return bench.hooks.length > 0;
		};
		await until(answer, {everyMs: 500, what: () => agent.screen.tail(40).join('\n')});
		await until(() => bench.hooks.some(({event}) => event === 'Stop'), {what: () => agent.screen.tail(40).join('\n')});
		expect(existsSync(planted)).toBe(true);
	},
);

testOn(['claude'], 'a real Claude Code is handed what begins like a command as a text', async () => {
	const {bench, model} = await benchOn([HEARS, {when: 'Begin.', turns: [{say: 'I am here.'}]}]);
	await expectArrivesAsText(claude, bench, model);
});
