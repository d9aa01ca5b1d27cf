import {chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {cleanEnvironment, node, startProgram} from '../helpers/program.ts';
import {binFile, createStory} from '../helpers/room.ts';

/** What V8 compiled lies there once the program has used the folder; nothing, where it has not. */
const isUsed = (folder: string): boolean => readdirSync(folder).length > 0;

/** Runs the command in `cwd` with just these variables. */
const runs = async (cwd: string, env: NodeJS.ProcessEnv): Promise<void> => {
	const plain = Object.fromEntries(Object.entries(cleanEnvironment()).filter(([name]) => !/^(HOME|NODE_COMPILE_CACHE)$/.test(name)));
	expect(await startProgram([node, binFile, '--version'], {cwd, env: {...plain, ...env}}).ended).toMatchObject({code: 0});
};

const made = (folder: string, mode = 0o700): string => {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	chmodSync(folder, mode);
	return folder;
};

test('compiled code is read from no folder that the current folder names, where HOME is unset or relative', async () => {
	const folder = temporaryFolder();
	const planted = ['undefined', 'home', ''].map(home => made(join(folder, home, '.local/state/agent-room/compiled')));
	const relative = made(join(folder, 'state/agent-room/compiled'));
	await runs(folder, {});
	await runs(folder, {HOME: 'home', XDG_STATE_HOME: 'state'});
	await runs(folder, {HOME: ''});
	expect([...planted, relative].filter(isUsed)).toEqual([]);
});

test('compiled code is read from a folder of the person alone, and never beside an agent', async () => {
	const folder = temporaryFolder();
	const stateWith = (name: string, prepare: (compiled: string) => void): readonly [state: string, compiled: string] => {
		const compiled = join(folder, name, 'agent-room/compiled');
		made(dirname(compiled));
		prepare(compiled);
		return [join(folder, name), compiled];
	};
	const elsewhere = made(join(folder, 'elsewhere'));
	const refused = [
		stateWith('open', compiled => made(compiled, 0o777)),
		stateWith('readable', compiled => made(compiled, 0o755)),
		stateWith('link', compiled => symlinkSync(elsewhere, compiled)),
		stateWith('around', compiled => chmodSync(dirname(made(compiled)), 0o777)),
		...(process.getuid?.() === 0 ? [stateWith('foreign', compiled => chownSync(made(compiled), 65_534, 65_534))] : []),
	];
	for (const [state, compiled] of refused) {
		await runs(folder, {XDG_STATE_HOME: state});
		expect([compiled, isUsed(compiled)]).toEqual([compiled, false]);
	}
	const [state, compiled] = stateWith('own', made);
	for (const agent of [{AGENT_ROOM_AGENT: 'agent:dev:001'}, {AGENT_ROOM_TOKEN: '1:a'}])
		await runs(folder, {XDG_STATE_HOME: state, ...agent});
	expect(isUsed(compiled)).toBe(false);
	await runs(folder, {XDG_STATE_HOME: state});
	expect(isUsed(compiled)).toBe(true);
});

test('a room keeps its compiled code to itself: no agent and no test is told where, and neither leaves any', async () => {
	const story = createStory(`test: env >"$STORY/test"
env: [NODE_COMPILE_CACHE, STORY]
harnesses: {mine: {command: [sh, -c, 'env >"$STORY/agent"; echo x >x.txt'], finish: exit}}
team: [{role: developer, harness: mine}]
review: off
`);
	const shared = made(join(story.folder, 'shared'), 0o777);
	story.env.NODE_COMPILE_CACHE = shared;
	const compiled = made(join(story.folder, 's/agent-room/compiled'), 0o777);
	writeFileSync(join(compiled, 'planted'), '');
	await story.must('add', 'Anything', '--id', 'one');
	await story.must('run', '--until-empty');
	const told = ['agent', 'test'].map(name => readFileSync(story.file(name), 'utf8'));
	for (const text of told) expect(text).not.toMatch(/COMPILE_CACHE|compiled/);
	expect(existsSync(join(story.folder, 't/node-compile-cache'))).toBe(false);
	// The room as a process of its own takes a folder that nobody else can have written into.
	const terminal = story.open();
	await terminal.waitFor('one');
	terminal.kill('SIGTERM');
	await story.must('stop');
	expect([statSync(compiled).mode & 0o777, readdirSync(compiled).includes('planted'), isUsed(compiled)]).toEqual([0o700, false, true]);
});
