import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {root} from '../helpers/program.ts';

type Output = {
	readonly entryPoint?: string;
	readonly imports: readonly {readonly path: string; readonly kind: string}[];
	readonly bytes: number;
	readonly inputs: Readonly<Record<string, {readonly bytesInOutput: number}>>;
};
type Metafile = {readonly outputs: Readonly<Record<string, Output>>};

/** What esbuild said of the bundles in `dist` when they were built. */
const metafiles = JSON.parse(readFileSync(join(root, 'node_modules/.cache/agent-room/metafiles.json'), 'utf8')) as readonly Metafile[];

/** The files that Node loads for these entries of one build, one after another. */
const filesOf = (...entries: readonly string[]): readonly Output[] => {
	const {outputs = {}} =
		metafiles.find(metafile => Object.values(metafile.outputs).some(({entryPoint}) => entryPoint === entries[0])) ?? {};
	const loaded = new Set(Object.keys(outputs).filter(name => entries.includes(outputs[name]?.entryPoint ?? '')));
	for (const name of loaded)
		for (const {path, kind} of outputs[name]?.imports ?? []) if (kind === 'import-statement' && outputs[path]) loaded.add(path);
	return [...loaded].flatMap(name => outputs[name] ?? []);
};

// Each file costs a start a quarter of a millisecond and more, and all of its bytes are read.
test('an order to a running room loads a handful of small files', () => {
	const files = filesOf('source/entries/cli.ts', 'source/commands/client/client.ts');
	expect(files.length).toBeGreaterThan(1);
	expect(files.length).toBeLessThanOrEqual(10);
	expect(files.reduce((sum, {bytes}) => sum + bytes, 0)).toBeLessThan(120_000);
});

// Redis is started once these are read; the screen is loaded while Redis and git are waited for.
test('a start of a room loads a handful of files, and its screen after them', () => {
	const [start, withScreen] = [filesOf('source/entries/room.ts'), filesOf('source/entries/room.ts', 'source/ui/view/view.ts')];
	expect(start.length).toBeGreaterThan(1);
	expect(start.length).toBeLessThanOrEqual(7);
	expect(withScreen.length - start.length).toBeLessThanOrEqual(3);
	// Without a code cache V8 takes 16 bytes for each character of a file to read it, and a room keeps the most that a file took.
	for (const {bytes} of withScreen) expect(bytes).toBeLessThan(650_000);
	const sizeOf = (files: readonly Output[]): number => files.reduce((sum, {bytes}) => sum + bytes, 0);
	expect(sizeOf(withScreen) - sizeOf(start)).toBeGreaterThan(300_000);
});

test('nothing of an earlier build is left: a room copies the whole program when it starts', () => {
	const written = metafiles.flatMap(({outputs}) => Object.keys(outputs)).filter(file => file.startsWith('dist/chunks/'));
	expect(globSync('dist/chunks/*', {cwd: root}).toSorted()).toEqual([...new Set(written)].toSorted());
});

test('no bundle holds what zod says in other languages: `import * as z` leaves out what is unused of it', () => {
	const inputs = metafiles.flatMap(({outputs}) => Object.values(outputs).flatMap(({inputs: of}) => Object.entries(of)));
	const count = (pattern: RegExp): number => inputs.filter(([file, {bytesInOutput}]) => pattern.test(file) && bytesInOutput > 0).length;
	expect(count(/zod\/v4\/core\//)).toBeGreaterThan(0);
	expect(count(/zod\/v4\/locales\/(?!en\.)/)).toBe(0);
});

test('bundles are ASCII, patterns stay literals, and that of all emoji is compiled late: each sequence of it has a character shown as one, or the selector', () => {
	const texts = globSync('dist/{chunks/*,*}.js', {cwd: root}).map(file => readFileSync(join(root, file), 'utf8'));
	expect(texts.filter(text => /new RegExp\("[^"]*\\\\p\{/.test(text))).toEqual([]);
	expect(texts.filter(text => /[^\0-\x7f]/.test(text))).toEqual([]);
	const held = texts.filter(text => text.includes('RGI_Emoji'));
	expect(held.length).toBeGreaterThan(0);
	for (const text of held) expect(text).toMatch(/\.test\([\w$]+\)&&\([\w$]+\?\?=\/\^\\p\{RGI_Emoji\}\$\/v\)\.test\(/);
	const [emoji, rgi] = [/\p{Emoji_Presentation}|\ufe0f/u, /^\p{RGI_Emoji}$/v];
	expect(emoji.test('4 agents ● ✓')).toBe(false);
	const planes = [0, 0x1_0000].flatMap(from => Array.from({length: 0x1_0000}, (_, at) => String.fromCodePoint(from + at)));
	expect(planes.filter(text => !emoji.test(text) && rgi.test(text))).toEqual([]);
	for (const text of ['🇩🇪', '👩‍💻', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', '👍🏽', '1️⃣', '❤️‍🔥', '©️'])
		expect([rgi.test(text), emoji.test(text)]).toEqual([true, true]);
});

test('the width of a text of narrow characters is its length, as string-width says, which asks a segmenter for it', () => {
	const texts = globSync('dist/chunks/*.js', {cwd: root}).map(file => readFileSync(join(root, file), 'utf8'));
	const classes = new Set(texts.flatMap(text => [...text.matchAll(/\^\[(\\u0020-\\u007e\\u00a1[^\]]*)\]\*\$/g)].map(found => found[1])));
	expect(classes.size).toBe(1);
	const isNarrow = new RegExp(`^[${[...classes][0]}]$`);
	const narrow = Array.from({length: 0x1_0000}, (_, at) => String.fromCharCode(at)).filter(character => isNarrow.test(character));
	expect(narrow.length).toBeGreaterThan(1000);
	for (const character of '─│┃╭╮╰╯┏━┓·…●✓→▸⠋') expect(narrow).toContain(character);
	expect(narrow.filter(character => stringWidth(character) !== 1)).toEqual([]);
	// None joins its neighbour: each beside each of the others, once in an order and once in another.
	for (const step of [1, 7, 501]) {
		const line = narrow.map((_, at) => narrow[(at * step) % narrow.length]).join('');
		expect(stringWidth(line)).toBe(line.length);
		expect([...new Intl.Segmenter().segment(line)].length).toBe(line.length);
	}
});

test('no segmenter is made when the program is loaded', () => {
	const texts = globSync('dist/chunks/*.js', {cwd: root}).map(file => readFileSync(join(root, file), 'utf8'));
	expect(texts.some(text => /\?\?=new Intl\.Segmenter/.test(text))).toBe(true);
	expect(texts.filter(text => /[^?]=new Intl\.Segmenter/.test(text))).toEqual([]);
});
