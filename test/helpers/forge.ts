import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';
import {root} from './program.ts';

/** The programs of a story find the stand-in. */
export const giveForge = ({env}: {readonly env: NodeJS.ProcessEnv}, {folder}: Pick<TestForge, 'folder'>): void => {
	Object.assign(env, {PATH: `${program}:${env.PATH ?? ''}`, FAKE_FORGE: folder});
};

const program = join(root, 'test', 'fixtures', 'forge');

type Said = {readonly author: string; readonly text: string; readonly path?: string; readonly line?: number; readonly review?: string};

/** A stand-in of GitHub: a `gh` on the PATH with a ledger, over a bare remote. */
export type TestForge = {
	/** The folder of what it knows; also for `FAKE_FORGE`. */
	readonly folder: string;
	/** Its PATH, with the stand-in first. */
	readonly path: string;
	/** What it holds now. */
	state(): {
		readonly pulls: ReadonlyArray<{
			readonly number: number;
			readonly state: string;
			readonly merged?: string;
			readonly head: string;
			readonly title: string;
			readonly body: string;
			readonly draft?: boolean;
			readonly fork?: string;
		}>;
		readonly comments: ReadonlyArray<Said & {readonly pull: number}>;
		readonly reruns?: readonly number[];
	};
	/** Calls with these words in them. */
	calls(words: string): number;
	/** The homes of those who made them. */
	callers(words: string): readonly string[];
	/** What a person does at the website. */
	set(values: Readonly<Record<string, unknown>>): void;
	check(pull: number, name: string, how: string, more?: Readonly<Record<string, unknown>>): void;
	say(pull: number, said: Said): void;
	merge(pull: number, method?: string): void;
	close(pull: number): void;
	reopen(pull: number): void;
};

/** `remote`: the bare repository that it merges in. The test's own process asks it from now on. */
export const addForge = (remote: string): TestForge => {
	const folder = join(dirname(remote), 'forge');
	mkdirSync(folder, {recursive: true});
	const file = join(folder, 'state.json');
	writeFileSync(file, JSON.stringify({remote}));
	const path = `${program}:${process.env.PATH ?? ''}`;
	const before = {PATH: process.env.PATH, FAKE_FORGE: process.env.FAKE_FORGE};
	Object.assign(process.env, {PATH: path, FAKE_FORGE: folder});
	onTestFinished(() => {
		process.env.PATH = before.PATH;
		if (before.FAKE_FORGE === undefined) delete process.env.FAKE_FORGE;
		else process.env.FAKE_FORGE = before.FAKE_FORGE;
	});
	const person = (...args: readonly string[]): void => {
		execFileSync(join(program, 'gh'), ['as-person', ...args], {env: {...process.env, FAKE_FORGE: folder}});
	};
	const ledger = (): string => (existsSync(join(folder, 'ledger')) ? readFileSync(join(folder, 'ledger'), 'utf8') : '');
	return {
		folder,
		path,
		state: () => ({pulls: [], comments: [], ...JSON.parse(readFileSync(file, 'utf8'))}),
		calls: words =>
			ledger()
				.split('\n')
				.filter(line => line.includes(words)).length,
		callers: words =>
			ledger()
				.split('\n')
				.filter(line => line.includes(words))
				.map(line => String(JSON.parse(line).by)),
		set: values =>
			person(
				'set',
				'0',
				JSON.stringify(values, (_, value) => value ?? null),
			),
		check: (pull, name, how, more = {}) => person('check', String(pull), name, how, JSON.stringify(more)),
		say: (pull, said) => person('say', String(pull), JSON.stringify(said)),
		merge: (pull, method = 'merge') => person('merge', String(pull), method),
		close: pull => person('close', String(pull)),
		reopen: pull => person('reopen', String(pull)),
	};
};
