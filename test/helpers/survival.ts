import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'vitest';
import {isRunning, signalEach} from './cleanup.ts';
import {outerPid} from './inside.ts';
import {node, root} from './program.ts';
import {binFile, createStory, type Story} from './room.ts';
import {openTerminal, type TestTerminal} from './screen.ts';
import {until} from './wait.ts';

const diary = JSON.stringify([join(root, 'test', 'fixtures', 'diary.sh')]);

/** Fails on a base that holds a task of which the end is missing, a state that no passing test would have let through. */
const CHECK = `for file in *.txt; do
	[ ! -e "$file" ] || tail -n 1 "$file" | grep -q '^done' || exit 1
done
`;

/** A story whose git can be held in the middle of a landing (`hold-before`, `hold-after`), with `diary.sh` as its agents. */
export const createSurvivalStory = ({test = 'sh check.sh', developers = 3, lease = '15s', setup = 'true', attempts = 3} = {}): Story => {
	const story = createStory(
		`base: main
test: ${JSON.stringify(test)}
setup: ${JSON.stringify(setup)}
backoff: 100ms
lease: ${lease}
attempts: ${attempts}
env: [STORY, REAL_GIT]
harnesses:
  diary: {command: ${diary}, finish: exit}
team:
  - {role: developer, harness: diary, count: ${developers}}
  - {role: code-sentinel, harness: diary}
`,
		{'check.sh': CHECK},
	);
	const commands = join(story.folder, 'bin');
	mkdirSync(commands);
	symlinkSync(join(root, 'test', 'fixtures', 'slow-git.sh'), join(commands, 'git'));
	const realGit = execFileSync('sh', ['-c', 'command -v git'], {encoding: 'utf8'}).trim();
	Object.assign(story.env, {PATH: `${commands}:${story.env.PATH ?? ''}`, REAL_GIT: realGit});
	return story;
};

export const set = (story: Story, name: string): void => writeFileSync(story.file(name), '');
export const unset = (story: Story, name: string): void => rmSync(story.file(name), {force: true});

/** The only folder of state that the story has; undefined before its first room. */
export const stateFolder = (story: Story): string => {
	const states = join(story.folder, 's', 'agent-room');
	const name = existsSync(states) ? readdirSync(states).find(entry => entry.startsWith('p-')) : undefined;
	return name ? join(states, name) : states;
};

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

export type Seen = {readonly pid: number; readonly command: string; readonly environment: string};

/** What runs in a story: processes whose environment or command line names its folder. */
export const processesOf = (story: Story): readonly Seen[] =>
	readdirSync('/proc')
		.filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
		.map(name => ({
			pid: Number(name),
			command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim(),
			environment: read(`/proc/${name}/environ`),
		}))
		.filter(({pid, command, environment}) => `${command}\0${environment}`.includes(`${story.folder}/`) && isRunning(pid));

/** Processes that a room started for an attempt, the test command included. */
export const attemptsOf = (story: Story): readonly Seen[] =>
	processesOf(story).filter(({environment}) => environment.includes(`AGENT_ROOM_STATE=${stateFolder(story)}\0`));

/** Rooms of terminals; a room in the foreground is the `run` itself. */
export const roomsOf = (story: Story): readonly number[] =>
	processesOf(story)
		.filter(({command}) => command.includes('dist/room.js '))
		.map(({pid}) => pid);
export const redisOf = (story: Story): readonly number[] =>
	processesOf(story)
		.filter(({command}) => command.includes(`redis-server unixsocket:${story.folder}/`))
		.map(({pid}) => pid);
/** The outermost process of a test: what the pane runs. */
export const testsOf = (story: Story): readonly number[] =>
	attemptsOf(story)
		.filter(({environment}) => environment.includes('\0AGENT_ROOM_AGENT=agent:test:'))
		.map(({pid}) => pid)
		.toSorted((one, other) => one - other)
		.slice(0, 1);
/** The git of a merge, which the room does itself. */
export const mergesOf = (story: Story): readonly number[] =>
	processesOf(story)
		.filter(({command, environment}) => environment.includes('\0AGENT_ROOM_RUN=') && / (?:merge --ff-only|update-ref) /.test(command))
		.map(({pid}) => pid);

/** SIGKILL, as the kernel sends it when memory is short; what has ended meanwhile is no error. Resolves when all of them are gone. */
export const kill = async (...pids: readonly number[]): Promise<void> => {
	signalEach(pids, 'SIGKILL');
	await until(() => !pids.some(isRunning), {what: `the end of ${pids.join(', ')}`});
};

/** Waits for the attempts of these tasks to be at work; their pids in order. */
export const atWork = (story: Story, attempt: number, ...tasks: readonly string[]): Promise<readonly number[]> =>
	Promise.all(
		tasks.map(async task => {
			const file = story.file(`working-${task}-${attempt}`);
			await until(() => existsSync(file), {what: () => `attempt ${attempt} at ${task}\n${roomLog(story)}`});
			const words = [`STORY=${story.file('').replace(/\/$/, '')}\0`, `AGENT_ROOM_TASK=${task}\0`, `AGENT_ROOM_ATTEMPT=${attempt}\0`];
			return outerPid(Number(readFileSync(file, 'utf8')), ...words);
		}),
	);

export const roomLog = (story: Story): string => read(join(stateFolder(story), 'room.log')).slice(-4000);

/** A shell's view of the room: what stands on the tty afterwards and whether its settings are as they were. */
export const openFromShell = (story: Story): TestTerminal =>
	openTerminal({
		command: [
			'sh',
			'-c',
			'before=$(stty -g); "$@"; echo "exit $?"; [ "$before" = "$(stty -g)" ] && echo "tty as before"; read -r _',
			'sh',
			node,
			binFile,
		],
		columns: 120,
		rows: 40,
		cwd: story.repository,
		env: story.env,
	});

/** The room has left this terminal with a sentence, and the tty is as the shell had it. */
export const expectRestored = async (terminal: TestTerminal, sentence: string): Promise<void> => {
	await terminal.waitFor('tty as before');
	expect(terminal.isAlternate()).toBe(false);
	expect(terminal.text()).toContain(sentence);
	terminal.press('enter');
	await terminal.exit;
};

/** Where the base stands: read without git, since it is asked again and again. */
const baseOf = (story: Story): string => read(join(story.repository, '.git', 'refs', 'heads', 'main'));

const mergedTasks = (story: Story): readonly string[] =>
	story.git('log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly,separator=%x2c)', 'main').split('\n').filter(Boolean);

/**
 * What no kill may break: each task is on the base exactly once, every commit that the base ever pointed at passes the test, git finds
 * nothing missing, what each attempt had written before it was killed went on into the next, the person's tree is clean, and no process
 * of an attempt is left.
 */
export const expectWhole = async (story: Story, tasks: readonly string[]): Promise<void> => {
	expect(mergedTasks(story).toSorted()).toEqual([...tasks].toSorted());
	expect(story.git('status', '--porcelain')).toBe('');
	expect(story.git('fsck', '--full', '--no-dangling')).toBe('');
	// A landing may bring several tasks in one step; these tests are quick, so each of them passed by itself all the same.
	const line = story.git('log', '--first-parent', '--format=%H', 'main').split('\n');
	expect(line.length).toBe(tasks.length + 1);
	const everBase = [...new Set([...line, ...story.git('reflog', '--format=%H', 'main').split('\n')])];
	const tree = join(story.folder, 'ever');
	story.git('worktree', 'add', '--quiet', '--detach', tree, 'main');
	for (const commit of everBase) {
		story.git('-C', tree, 'checkout', '--quiet', '--detach', commit);
		execFileSync('sh', ['check.sh'], {cwd: tree});
	}
	for (const [, task = '', attempt = ''] of readdirSync(story.file('.')).map(name => /^working-(.+)-(\d+)$/.exec(name) ?? []))
		if (task) expect(story.git('show', `main:${task}.txt`)).toContain(`begun in attempt ${attempt}`);
	await until(() => attemptsOf(story).length === 0, {
		what: () => `the end of ${JSON.stringify(attemptsOf(story).map(seen => seen.command))}`,
	});
};

/** Everything that was ever written into a worktree is reachable: a tree that is still there is clean, or holds what a ref has too. */
export const expectNothingUnsaved = (story: Story): void => {
	const folder = join(stateFolder(story), 'worktrees');
	// Worktrees made ahead belong to no task.
	for (const name of existsSync(folder) ? readdirSync(folder).filter(entry => entry !== '.spare') : [])
		expect([name, story.git('-C', join(folder, name), 'status', '--porcelain')]).toEqual([name, '']);
};

/** Waits until every task is merged. */
export const allMerged = (story: Story, tasks: readonly string[], timeoutMs = 40_000): Promise<unknown> => {
	let seen = {base: '', merged: [] as readonly string[]};
	const areMerged = (): boolean => {
		const base = baseOf(story);
		// Packed, it has no file of its own.
		if (base === '' || base !== seen.base) seen = {base, merged: mergedTasks(story)};
		return seen.merged.length >= tasks.length;
	};
	return until(areMerged, {
		timeoutMs,
		what: () => `${tasks.join(', ')} to be merged, not only ${mergedTasks(story).join(', ')}\n${roomLog(story)}`,
	});
};

export const addTasks = async (story: Story, ...tasks: readonly string[]): Promise<void> => {
	const plan = tasks.map(task => `- [ ] Write ${task} (id: ${task})`).join('\n');
	writeFileSync(join(story.folder, 'plan.md'), `${plan}\n`);
	await story.must('add', '--plan', join(story.folder, 'plan.md'));
};
