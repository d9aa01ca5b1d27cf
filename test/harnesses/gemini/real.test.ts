import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished} from 'vitest';
import type {Question, Reading} from '../../../source/core/session/reading.ts';
import {gemini} from '../../../source/harnesses/gemini/launch.ts';
import {followLines} from '../../../source/room/session/files.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {realProgram, testOn} from '../../helpers/cli.ts';
import {type CliProcess, createCliBench} from '../../helpers/cli-process.ts';
import {HOSTILE, stolenIn} from '../../helpers/hostile-commands.ts';
import type {Script} from '../../helpers/model-server/script.ts';
import {startModelServer} from '../../helpers/model-server.ts';
import {expectArrivesAsText, HEARS} from '../../helpers/typed-text.ts';
import {until} from '../../helpers/wait.ts';

const SETTINGS = '{"security": {"auth": {"selectedType": "gemini-api-key"}}}\n';

/** A person's Gemini that uses the scripted model. */
const benchOn = async (script: Script) => {
	const model = await startModelServer({script});
	onTestFinished(() => model.close());
	const home = temporaryFolder('gemini');
	mkdirSync(join(home, '.gemini'));
	writeFileSync(join(home, '.gemini/settings.json'), SETTINGS);
	const bench = await createCliBench(gemini, {
		program: [realProgram('gemini')],
		environment: {HOME: home, GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: model.url},
	});
	return {bench, model, home};
};

/** Answers the question on the screen as the room does: by the keys of the choice, once it is drawn. */
const answer = async (agent: CliProcess, means: 'allow' | 'deny'): Promise<Question> => {
	const {question} = await agent.sees(
		'its question on the screen',
		reading => reading.source === 'screen' && reading.state === 'needs-input',
	);
	const keys = question?.choices.find(choice => choice.means === means)?.keys;
	if (!question || keys === undefined) throw new Error(`it cannot be answered: ${JSON.stringify(question)}`);
	agent.type(keys);
	await until(() => agent.shown()?.question?.text !== question.text, {what: 'the end of the question'});
	return question;
};

testOn(
	['gemini'],
	'a real gemini asks, is answered by keys, commits, is told to go on at the end of its turn, is killed and resumed',
	async () => {
		const {bench, model, home} = await benchOn([
			{
				when: 'Begin.',
				turns: [
					// Two at once: they are asked one after the other, and no hook tells when.
					[{run: 'touch one.txt'}, {run: 'touch two.txt'}],
					{write: {file: 'note.txt', text: 'greeted\n'}},
					{run: 'git add note.txt'},
					{run: 'git commit -qm "Greet the world"'},
					{say: 'I did it.'},
				],
			},
			{when: 'You have not reported', turns: [{say: 'Then I report.'}]},
			{when: 'Go on.', turns: [{hang: true}]},
		]);
		bench.decide('AfterAgent', {kind: 'go-on', text: 'You have not reported yet.'});
		const agent = bench.start({allowed: ['git add note.txt', 'git commit -qm "Greet the world"']});
		const ready = await agent.sees('its start', reading => reading.sign === 'hook SessionStart');
		const decision = await agent.sees('its question', reading => reading.sign === 'hook Notification');
		expect(decision).toMatchObject({
			state: 'needs-input',
			question: {kind: 'permission', text: expect.stringMatching(/^Shell: touch (one|two)\.txt$/)},
		});
		await agent.sees('its title', reading => reading.sign === 'title Action Required');
		const end = agent.sees(
			'the end of its second turn',
			reading => reading.sign === 'hook AfterAgent' && /Then I report\.$/.test(reading.said ?? ''),
		);
		// Its title may say so before its hook does.
		const isReady = agent.sees('its title', reading => reading.sign === 'title Ready', 30_000);
		const asked = [await answer(agent, 'allow'), await answer(agent, 'allow')].map(({text}) => text);
		expect(asked.sort()).toEqual(['Shell: touch one.txt', 'Shell: touch two.txt']);
		await end;
		expect(bench.repository.git(['log', '-1', '--format=%s', 'agent/one'], bench.worktree)).toBe('Greet the world');
		expect([existsSync(join(bench.worktree, 'one.txt')), existsSync(join(bench.worktree, 'two.txt'))]).toEqual([true, true]);
		await isReady;
		await agent.end();

		const resumed = bench.start({resume: ready.session ?? '', prompt: 'Go on.'});
		const taken = await resumed.sees('its prompt', reading => reading.isPromptTaken === true);
		expect(taken.session).toBe(ready.session);
		await until(() => model.requests.some(({asked}) => JSON.stringify(asked).includes('Then I report.')), {what: 'its history'});
		await resumed.sees('work on its screen', reading => reading.sign === 'screen esc to cancel');
		await resumed.end();

		// The person's folder has what Gemini keeps of its sessions, and else what it had.
		expect(readFileSync(join(home, '.gemini/settings.json'), 'utf8')).toBe(SETTINGS);
		expect(readdirSync(join(home, '.gemini')).sort()).toEqual(['history', 'settings.json', 'tmp']);
		expect(bench.repository.git(['status', '--porcelain'], bench.worktree).split('\n').sort()).toEqual(['?? one.txt', '?? two.txt']);
	},
);

testOn(['gemini'], 'a real gemini tells in its transcript what no hook does: a refusal of its user, and a limit', async () => {
	const {bench} = await benchOn([
		{when: 'Begin.', turns: [{run: 'touch one.txt'}]},
		{
			when: 'Again.',
			turns: [
				{
					fail: 429,
					body: {
						error: {
							code: 429,
							message: 'You exceeded your current quota.',
							status: 'RESOURCE_EXHAUSTED',
							details: [
								{
									'@type': 'type.googleapis.com/google.rpc.QuotaFailure',
									violations: [{quotaId: 'GenerateRequestsPerDayPerProjectPerModel'}],
								},
							],
						},
					},
				},
			],
		},
	]);
	const agent = bench.start();
	const {transcript = ''} = await agent.sees('its session', reading => reading.transcript !== undefined);
	const readings: Reading[] = [];
	const stop = await followLines(transcript, line => readings.push(...(gemini.readTranscript?.(line) ?? [])));
	onTestFinished(() => stop?.());
	await answer(agent, 'deny');
	await until(() => readings.some(({state}) => state === 'idle'), {what: 'the end of its turn in the transcript'});
	await until(() => agent.shown()?.state === 'idle', {what: () => agent.screen.tail(40).join('\n')});
	expect(existsSync(join(bench.worktree, 'one.txt'))).toBe(false);
	expect(bench.hooks.map(({event}) => event)).toEqual(['SessionStart', 'BeforeAgent', 'BeforeTool', 'Notification']);

	// A pasted text, handed over as the room does.
	agent.type('\u001b[200~Again.\u001b[201~');
	await new Promise(resolve => setTimeout(resolve, gemini.paste.gapMs));
	agent.type('\r');
	await agent.sees('its prompt', reading => reading.isPromptTaken === true);
	const limit = await agent.sees('the dialog of the limit', reading => reading.question?.kind === 'dialog');
	expect(limit.question?.text).toContain('Usage limit reached');
	agent.type(limit.question?.choices.find(({label}) => label === 'Stop')?.keys ?? '');
	await until(() => readings.some(({state}) => state === 'rate-limited'), {what: 'the limit in the transcript'});
	expect(readings.find(({state}) => state === 'rate-limited')).toMatchObject({
		source: 'stream',
		reason: expect.stringContaining('quota'),
	});
});

testOn(
	['gemini'],
	'a real gemini without a screen runs what is allowed and is refused the rest; who only reads has no tool that writes',
	async () => {
		const {bench, model} = await benchOn([
			{
				when: 'Begin.',
				turns: [{run: 'git log --oneline'}, {run: 'touch one.txt'}, HOSTILE.map(run => ({run})), {say: 'It looks good.'}],
			},
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
		expect(text).toContain('denied by policy');
		expect(existsSync(join(bench.worktree, 'one.txt'))).toBe(false);
		const tools = model.requests.find(({asked}) => asked.tools.length > 0)?.asked.tools.map(({name}) => name) ?? [];
		expect(tools).toContain('run_shell_command');
		expect(tools).not.toContain('write_file');
		expect(readings.find(({usage}) => usage)?.usage).toMatchObject({isTotal: false, tokensIn: expect.any(Number)});
	},
);

testOn(['gemini'], 'a real gemini is handed what begins like a command as a text', async () => {
	const {bench, model} = await benchOn([HEARS, {when: 'Begin.', turns: [{say: 'I am here.'}]}]);
	await expectArrivesAsText(gemini, bench, model);
});
