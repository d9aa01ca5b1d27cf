import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, onTestFinished} from 'vitest';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {realProgram, testOn} from '../../helpers/cli.ts';
import {DEV_1, openEngine, type TestRoom} from '../../helpers/engine.ts';
import {members} from '../../helpers/model-server/member.ts';
import {type ModelServer, startModelServer} from '../../helpers/model-server.ts';

type Name = 'claude' | 'codex';

/** What a person has at home who uses these programs. */
const HOME: Readonly<Record<Name, (url: string) => Readonly<Record<string, string>>>> = {
	claude: () => ({'.claude.json': '{"hasCompletedOnboarding": true}\n'}),
	codex: url => ({
		'.codex/config.toml': `model = "scripted-1"
model_provider = "scripted"

[model_providers.scripted]
name = "Scripted"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_API_KEY"

[tui]
screen_reader_detection_done = true
`,
	}),
};

const WRITER = [
	{call: 'progress', input: {text: 'half way'}},
	{call: 'lock', input: {path: 'src/**'}},
	{call: 'queue', input: {}},
	{run: 'echo greeted >note.txt'},
	{call: 'commit', input: {message: 'Greet', paths: ['note.txt']}},
	{call: 'ask', input: {question: 'Which index?', choices: ['title', 'date']}},
	{call: 'done', input: {summary: 'Greeted.'}},
	{say: 'It is handed in.'},
];
const JUDGE = [
	{call: 'diff', input: {}},
	{call: 'done', input: {verdict: 'approve', summary: 'As asked for.', comments: [{severity: 'nit', text: 'a word more'}]}},
	{say: 'Approved.'},
];

/** A room of real programs of one make, with screens of their own, on a scripted model. */
const openReal = async (name: Name): Promise<{room: TestRoom; model: ModelServer}> => {
	const model = await startModelServer({
		script: members([
			{when: '# Review: ', turns: JUDGE},
			{when: 'stage develop', turns: WRITER},
		]),
	});
	onTestFinished(() => model.close());
	const home = join(temporaryFolder('home'), 'ada');
	const files = {'.gitconfig': '[user]\n\tname = Ada\n\temail = ada@example.org\n', ...HOME[name](model.url)};
	for (const [file, text] of Object.entries(files)) {
		mkdirSync(dirname(join(home, file)), {recursive: true});
		writeFileSync(join(home, file), text);
	}
	const environment = {HOME: home, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_AUTH_TOKEN: 'x', SCRIPTED_API_KEY: 'x'};
	const room = await openEngine({
		agents: {},
		config: {
			team: [
				{role: 'developer', harness: 'real'},
				{role: 'code-sentinel', harness: 'real', mode: 'interactive'},
			],
		},
		options: {harnesses: {real: {name: 'real', command: [realProgram(name)], finish: 'report', cli: name, environment}}},
	});
	return {room, model};
};

/** What the tools answered, in the order in which the model was told. */
const answersOf = (model: ModelServer): string =>
	model.requests
		.flatMap(({asked}) => asked.entries.filter(({kind}) => kind === 'result'))
		.map(({text}) => text)
		.join('\n');

for (const name of ['claude', 'codex'] as const)
	testOn(
		[name],
		`a real ${name} talks with the room by its tools: it tells, locks, reads the queue, is told its mail, asks a person and hands in; a second one judges`,
		async () => {
			const {room, model} = await openReal(name);
			await room.must({type: 'add-task', title: 'Greet the world', id: 'greet'});
			await room.when('it asks', () => room.agent(DEV_1).questionId);
			expect(room.agent(DEV_1)).toMatchObject({
				status: 'needs-input',
				question: 'Which index?',
				choices: ['title', 'date'],
				doing: expect.any(String),
			});
			expect(room.team().locks.get('path:src/**')?.owner).toBe(DEV_1);
			expect(room.task('greet').progress).toBe('half way');
			await room.must({type: 'message', agent: DEV_1, text: 'the schema moved'});
			await room.must({type: 'answer', agent: DEV_1, questionId: room.agent(DEV_1).questionId, choice: 2});
			await room.when('it is merged', () => room.task('greet').state === 'merged');
			const answers = answersOf(model);
			for (const text of ['Noted.', 'Yours: greet (leased, in develop', 'date', 'Submitted. Stop now.', 'Verdict submitted.'])
				expect(answers).toContain(text);
			// What a person wrote meanwhile it was told by its next hook.
			expect(model.requests.some(({body}) => JSON.stringify(body).includes('a human: the schema moved'))).toBe(true);
			expect(room.task('greet')).toMatchObject({attempt: 1, failures: 0});
			expect(model.problems).toEqual([]);
		},
	);
