import {expect} from 'vitest';
import {createCliStory, realProgram, testOn} from '../helpers/cli.ts';
import {merged} from '../helpers/cli-room.ts';
import {startProgram} from '../helpers/program.ts';

/** How a user points each of them to a model of their own; `setUp`: what they run once. */
const USERS = {
	qwen: {
		environment: (url: string) => ({OPENAI_API_KEY: 'k', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'scripted-1'}),
		arguments: '--auth-type, openai',
		setUp: [],
	},
	copilot: {
		environment: (url: string) => ({
			COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
			COPILOT_MODEL: 'scripted-1',
			COPILOT_PROVIDER_API_KEY: 'a-long-key-of-nobody',
			COPILOT_OFFLINE: 'true',
			COPILOT_AUTO_UPDATE: 'false',
		}),
		arguments: '',
		setUp: [],
	},
	cline: {environment: () => ({}), arguments: '', setUp: ['auth', '-p', 'openai-compatible', '-k', 'k', '-m', 'scripted-1', '-b']},
} as const;

for (const cli of ['qwen', 'copilot', 'cline'] as const)
	testOn([cli], `a real ${cli} works on a task without a screen`, async () => {
		const {environment, setUp, arguments: more} = USERS[cli];
		const story = await createCliStory(
			`test: "true"\nreview: off\nsandbox: off\nteam: [{role: developer, harness: mine}]\nharnesses: {mine: {cli: ${cli}, command: [${[cli, more].filter(Boolean).join(', ')}], permissions: full}}\n`,
			[
				{
					when: 'Read the file',
					turns: [
						{run: 'echo hello >hello.txt'},
						{run: 'agent-room report commit "Say hello"'},
						{run: 'agent-room report done'},
						{say: 'It is done.'},
					],
				},
			],
		);
		Object.assign(story.env, environment(story.model.url));
		if (setUp.length > 0)
			expect(
				await startProgram([realProgram(cli), ...setUp, `${story.model.url}/v1`], {cwd: story.repository, env: story.env}).ended,
			).toMatchObject({code: 0});
		const terminal = story.open();
		await terminal.waitFor('dev-1', {timeoutMs: 30_000});
		await story.must('add', 'Say hello', '--id', 'hello');
		await merged(story, ['hello'], terminal, 90_000);
		expect(story.git('show', 'main:hello.txt')).toBe('hello');
		const {tokensIn, tokensOut} = JSON.parse(await story.must('task', 'hello', '--json'));
		process.stderr.write(`${cli}: ${tokensIn} ${tokensOut} of ${JSON.stringify(story.model.told.length)}\n`);
	});
