import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {node, root, startProgram} from '../helpers/program.ts';
import {agentRoom, createStory, type Story} from '../helpers/room.ts';
import {openTerminal} from '../helpers/screen.ts';

const CONFIG = `test: "true"
review: off
harnesses:
  mine: {command: [sh, -c, 'echo "$AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt"']}
team:
  - {role: developer, harness: mine}
`;

/** The program in one place of a story. */
const standing = (story: Story, cwd: string, env: NodeJS.ProcessEnv = story.env) => {
	const run = (...args: readonly string[]) => agentRoom(args, {cwd, env});
	const git = (...args: readonly string[]): string =>
		execFileSync('git', args, {cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
	const tasks = async (): Promise<readonly string[]> => {
		const {stdout, stderr} = await run('tasks');
		expect(stderr).toBe(stdout === '' ? 'No tasks.\n' : '');
		return stdout
			.split('\n')
			.flatMap(line => /^\S+/.exec(line) ?? [])
			.toSorted();
	};
	/** Adds a task and has it merged. */
	const does = async (id: string): Promise<void> => {
		expect(await run('add', `Do ${id}`, '--id', id)).toMatchObject({code: 0});
		const ended = await run('run', '--until-empty');
		expect(ended, ended.stderr + ended.stdout).toMatchObject({code: 0});
		expect(git('log', '--format=%s', 'main')).toContain(`Do ${id}`);
	};
	return {run, git, tasks, does};
};

/** A folder on another file system than the one of temporary files, where this machine has one. */
const elsewhere = (): string => {
	const other = ['/dev/shm', '/var/tmp', '/run/user'].find(folder => existsSync(folder) && statSync(folder).dev !== statSync(tmpdir()).dev);
	const made = mkdtempSync(join(other ?? tmpdir(), 'ar-'));
	onTestFinished(() => rmSync(made, {recursive: true, force: true}));
	chmodSync(made, 0o700);
	return made;
};

test('state on another file system, a path with a line break, and a bare repository with worktrees next to it', async () => {
	const story = createStory(CONFIG);
	await standing(story, story.repository, {...story.env, XDG_STATE_HOME: elsewhere()}).does('across');

	const broken = join(story.folder, 'a\nb');
	story.git('worktree', 'add', '--quiet', '-b', 'other', broken);
	expect(await standing(story, broken).tasks()).toEqual([]);
	story.git('worktree', 'remove', '--force', broken);

	const around = join(story.folder, 'w');
	mkdirSync(around);
	story.git('clone', '--quiet', '--bare', story.repository, join(around, '.bare'));
	writeFileSync(join(around, '.git'), 'gitdir: ./.bare\n');
	const [main, feature] = [join(around, 'main'), join(around, 'feature')];
	const bare = standing(story, around);
	bare.git('worktree', 'add', '--quiet', main, 'main');
	bare.git('worktree', 'add', '--quiet', '-b', 'feature', feature);
	await standing(story, main).does('beside');
	expect(existsSync(join(main, 'beside.txt'))).toBe(true);
	// One room, from wherever it is asked.
	for (const folder of [around, join(around, '.bare'), feature]) expect(await standing(story, folder).tasks()).toEqual(['beside']);
});

test('an orphan branch that is checked out, a clone that is deepened, and a repository that was moved keep their room', async () => {
	const story = createStory(CONFIG);
	const clone = join(story.folder, 'shallow');
	story.git('commit', '--quiet', '--allow-empty', '-m', 'Second');
	story.git('clone', '--quiet', '--depth', '1', `file://${story.repository}`, clone);
	const shallow = standing(story, clone);
	await shallow.does('before');
	shallow.git('fetch', '--quiet', '--unshallow');
	shallow.git('checkout', '--quiet', '--orphan', 'pages');
	expect(await shallow.tasks()).toEqual(['before']);
	await shallow.does('after');
	shallow.git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--message', 'Unrelated');
	expect(await shallow.tasks()).toEqual(['after', 'before']);

	const [old, now] = [clone, join(story.folder, 'moved')];
	renameSync(old, now);
	const moved = standing(story, now);
	const asked = await moved.run('tasks');
	expect(asked).toMatchObject({code: 3, stderr: expect.stringContaining('`agent-room moved` continues that room here')});
	const terminal = openTerminal({command: [node, join(root, 'bin', 'agent-room.js')], columns: 100, rows: 30, cwd: now, env: story.env});
	await terminal.waitFor('Continue that room here');
	terminal.press('y', 'enter');
	await terminal.waitFor('dev-1');
	terminal.press('q');
	expect(await moved.run('stop')).toMatchObject({code: 0});
	expect(await moved.tasks()).toEqual(['after', 'before']);
	// Another repository at the old place has nothing to do with it.
	execFileSync('git', ['clone', '--quiet', story.repository, old], {env: story.env});
	expect(await standing(story, old).tasks()).toEqual([]);
	expect(await moved.tasks()).toEqual(['after', 'before']);
});

test('a state folder that its owner may not write to is refused in a sentence, and nothing in it is lost', async () => {
	const story = createStory(CONFIG);
	await story.must('add', 'Before', '--id', 'before');
	const states = join(story.folder, 's', 'agent-room');
	const state = join(states, readdirSync(states).find(name => name.startsWith('p-')) ?? '');
	// Whoever may do everything has to give that up first.
	const lowered = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all'] : ['env'];
	const run = (...args: readonly string[]) => {
		const [program = '', ...more] = [...lowered, node, join(root, 'bin', 'agent-room.js'), ...args];
		return startProgram([program, ...more], {cwd: story.repository, env: story.env}).ended;
	};
	for (const closed of [state, join(state, 'redis')]) {
		chmodSync(closed, 0o500);
		const refused = await run('add', 'Meanwhile');
		expect(refused).toMatchObject({code: 3, stdout: ''});
		expect(refused.stderr).toMatch(/^agent-room: Cannot use the state folder `.*`: you may not write .*\.\nRun: chmod -R u\+rwX '.*'\n$/);
		chmodSync(closed, 0o700);
	}
	expect(await standing(story, story.repository).tasks()).toEqual(['before']);
});
