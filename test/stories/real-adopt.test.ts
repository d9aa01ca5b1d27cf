import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'vitest';
import {createCliStory, realProgram, testOn} from '../helpers/cli.ts';
import {merged} from '../helpers/cli-room.ts';
import {startProgram} from '../helpers/program.ts';
import {SCREENED} from '../helpers/real-room.ts';

const ASKED = 'Make a login page';
const HEADLESS = {
	claude: ['-p', '--dangerously-skip-permissions', ASKED],
	codex: ['exec', '--dangerously-bypass-approvals-and-sandbox', ASKED],
	gemini: ['--yolo', '--skip-trust', '-p', ASKED],
	opencode: ['run', '--auto', ASKED],
} as const;

/** All that lies in a folder, by path. */
const contents = (folder: string): Readonly<Record<string, string>> =>
	Object.fromEntries(
		readdirSync(folder, {recursive: true, encoding: 'utf8'})
			.filter(name => statSync(join(folder, name)).isFile())
			.map(name => [name, readFileSync(join(folder, name), 'utf8')]),
	);

/** Where each keeps its sessions; of opencode, whose sessions are in a database, its settings. */
const STORES = {
	claude: '.claude/projects',
	codex: '.codex/sessions',
	gemini: '.gemini/tmp',
	opencode: 'c/opencode',
} as const;

for (const cli of ['claude', 'codex', 'gemini', 'opencode'] as const)
	testOn(
		[cli],
		`a session of a real ${cli} goes on as a task: with its history, in a worktree of its own; the session stays, and what it cost is not charged again`,
		async () => {
			const story = await createCliStory(
				`test: "true"\nreview: off\nprices: {gpt-6-sol: {in: 10, out: 20}}\nteam: [{role: developer, harness: ${cli}}]\n`,
				[
					{
						when: 'You continue the work of this session',
						turns: [
							{run: 'agent-room report progress half'},
							{run: 'echo whole >login.txt'},
							{run: 'agent-room report commit "Finish it"'},
							{run: 'agent-room report done'},
						],
					},
					{when: ASKED, turns: [{run: 'echo half >login.txt'}, {say: 'Half of it is there.'}]},
				],
			);
			const ended = await startProgram([realProgram(cli), ...HEADLESS[cli]], {
				cwd: story.repository,
				env: {...story.env, PWD: story.repository, IS_SANDBOX: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1'},
			}).ended;
			expect(ended).toMatchObject({code: 0});
			const before = story.model.requests.length;
			const sessions = join(story.folder, STORES[cli]);
			const theirs = contents(sessions);
			// A model has given opencode's session its title.
			expect(await story.must('adopt')).toContain(cli === 'opencode' ? 'A title' : ASKED);
			await story.must('adopt', '1', '--id', 'login');
			story.git('stash', '--include-untracked');
			const terminal = story.open();
			await terminal.waitFor('dev-1', {timeoutMs: 30_000});
			await merged(story, ['login'], terminal);
			expect(story.git('show', 'main:login.txt')).toBe('whole');
			expect(contents(sessions)).toMatchObject(theirs);
			const own = story.model.requests.slice(before).filter(({steps}) => steps.length > 0);
			expect(own[0]?.asked.entries.filter(({kind}) => kind === 'prompt').map(({text}) => text)).toContainEqual(
				expect.stringContaining(ASKED),
			);
			const {tokensIn, spent} = JSON.parse(await story.must('task', 'login', '--json'));
			// Side requests cost, too.
			expect(tokensIn).toBeLessThanOrEqual((story.model.requests.length - before) * 1000);
			expect(tokensIn).toBeGreaterThanOrEqual((own.length - 1) * 1000);
			expect(spent).toBeLessThanOrEqual((story.model.requests.length - before) * 11_000);
		},
	);

for (const cli of ['claude', 'gemini'] as const)
	testOn(
		// One of them tells of the rest where not all are installed.
		cli === 'claude' ? [cli] : SCREENED,
		`a running agent's session of a real ${cli} is forked: its copy goes on in a worktree with the same files, and the first works on`,
		async () => {
			const story = await createCliStory(`test: "true"\nreview: off\nteam: [{role: developer, harness: ${cli}, count: 2}]\n`, [
				{
					when: 'You continue the work of this session',
					turns: [{run: 'agent-room report commit "The other way"'}, {run: 'agent-room report done'}, {say: 'It is done.'}],
				},
				{when: 'Read the file', turns: [{run: 'echo half >login.txt'}, {run: 'agent-room report ask "Which way?"'}, {say: 'I wait.'}]},
			]);
			const terminal = story.open();
			await terminal.waitFor('dev-2', {timeoutMs: 30_000});
			await story.must('add', 'Add a login', '--id', 'login');
			await terminal.waitFor('Which way?', {timeoutMs: 60_000});
			expect(await story.run('fork', 'nope')).toMatchObject({
				code: 1,
				stderr: expect.stringContaining('No agent of this room writes for `nope`.'),
			});
			const before = story.model.requests.length;
			expect(await story.must('fork', 'login', '--title', 'The other way')).toContain('added t-1');
			await merged(story, ['t-1'], terminal);
			expect(story.git('show', 'main:login.txt')).toBe('half');
			const own = story.model.requests.slice(before).filter(({steps}) => steps.length > 0);
			expect(own[0]?.asked.entries.map(({text}) => text).join('\n')).toContain('login-develop');
			expect(JSON.parse(await story.must('task', 'login', '--json'))).toMatchObject({state: 'leased', stage: 'develop'});
			expect(await story.must('agents')).toMatch(/dev-1 .*Which way\?/);
		},
	);
