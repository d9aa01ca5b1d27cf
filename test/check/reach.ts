import {globSync, readFileSync} from 'node:fs';
import {basename, dirname, join, normalize} from 'node:path';
import {importsIn} from '../helpers/source-graph.ts';

/** What the programs of an entry load, by how a test names them: it reaches each of their files, although it imports none. */
const STARTED: readonly (readonly [pattern: RegExp, entries: readonly string[]])[] = [
	[/'bin', 'agent-room\.js'/, ['cli', 'report', 'hook', 'program', 'room']],
	...['cli', 'report', 'hook', 'program', 'room'].map(
		entry => [new RegExp(`'dist', '${entry}\\.js'|entries'?, ?'${entry}\\.ts'|entries/${entry}\\.ts'`), [entry]] as const,
	),
];
/** To start a program is further than to import a file. */
const START_STEPS = 4;

/** Every file of the tests and the source with its text, by its path below the root. */
export type Texts = ReadonlyMap<string, string>;

/** A test file that a change can reach, and by how many steps. */
export type Reached = {readonly file: string; readonly steps: number};

export const readTexts = (root: string): Texts =>
	new Map(
		globSync(['source/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}'], {cwd: root}).map(
			file => [file, readFileSync(join(root, file), 'utf8')] as const,
		),
	);

type Edge = {readonly to: string; readonly steps: number};

const edgesOf = (file: string, text: string): readonly Edge[] => [
	...importsIn(text)
		.filter(({name, isType}) => name.startsWith('.') && !isType)
		.map(({name}) => ({to: normalize(join(dirname(file), name)), steps: 1})),
	...(file.startsWith('test/')
		? STARTED.filter(([pattern]) => pattern.test(text)).flatMap(([, entries]) =>
				entries.map(entry => ({to: `source/entries/${entry}.ts`, steps: START_STEPS})),
			)
		: []),
];

/** What stands around a name in a text of TypeScript that means a file or a folder. */
const MARKS = ["'", '"', '`', '/'];

/** Whether a text names a file that it does not import: by the name of the file or of the folder that it lies in. */
const names = (text: string, file: string): boolean =>
	[basename(file), basename(dirname(file))].some(
		name => name !== '.' && MARKS.some(before => MARKS.some(after => text.includes(`${before}${name}${after}`))),
	);

/**
 * The test files that a change of `changed` (paths below the root) can reach, nearest first: those that import a changed file, by whatever
 * way, that start a program which does, or that name a changed file which is no TypeScript, as a script of Lua or a golden screen.
 */
export const reachedBy = (changed: readonly string[], texts: Texts): readonly Reached[] => {
	const back = new Map<string, {from: string; steps: number}[]>();
	for (const [from, text] of texts) for (const {to, steps} of edgesOf(from, text)) back.set(to, [...(back.get(to) ?? []), {from, steps}]);
	const steps = new Map<string, number>();
	const others = changed.filter(file => !/\.tsx?$/.test(file));
	for (const file of changed) if (texts.has(file)) steps.set(file, 0);
	for (const [file, text] of texts) if (!steps.has(file) && others.some(other => names(text, other))) steps.set(file, 1);
	const queue = [...steps.keys()];
	for (let file = queue.shift(); file !== undefined; file = queue.shift())
		for (const {from, steps: more} of back.get(file) ?? []) {
			const far = (steps.get(file) ?? 0) + more;
			if (far >= (steps.get(from) ?? Number.POSITIVE_INFINITY)) continue;
			steps.set(from, far);
			queue.push(from);
		}
	return [...steps]
		.filter(([file]) => /\.test\.tsx?$/.test(file))
		.map(([file, far]) => ({file, steps: far}))
		.toSorted((one, other) => one.steps - other.steps || one.file.localeCompare(other.file));
};

/**
 * What of the reached files fits into a time, nearest first, and what is left out: stories always, and whatever would make it longer.
 * `msOf`: how long a file took the last time, ms.
 */
export const within = (
	reached: readonly Reached[],
	msOf: (file: string) => number,
	limitMs: number,
): {readonly run: readonly string[]; readonly leftOut: readonly string[]} => {
	const [run, leftOut]: [string[], string[]] = [[], []];
	let total = 0;
	for (const {file} of reached) {
		const fits = !file.startsWith('test/stories/') && total + msOf(file) <= limitMs;
		if (fits) total += msOf(file);
		(fits ? run : leftOut).push(file);
	}
	return {run, leftOut};
};
