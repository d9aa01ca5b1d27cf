import {globSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import xterm, {type Terminal} from '@xterm/headless';
import {expect, test} from 'vitest';
import * as yaml from 'yaml';
import {root} from '../helpers/program.ts';

type Metafile = {readonly outputs: Readonly<Record<string, {readonly inputs: Readonly<Record<string, unknown>>}>>};

const packages = join(root, 'node_modules');
const streams = join(root, 'test/fixtures/streams');

type Cells = {
	readonly _core: {readonly buffer: {readonly lines: {readonly length: number; get(row: number): {readonly _data: Uint32Array}}}};
};

/** All numbers of all cells after these bytes. */
const cellsOf = async (screen: Terminal, bytes: Uint8Array): Promise<readonly (readonly number[])[]> => {
	await new Promise<void>(done => screen.write(bytes, done));
	const {lines} = (screen as unknown as Cells)._core.buffer;
	return Array.from({length: lines.length}, (_, row) => [...lines.get(row)._data]);
};

test('the bundles hold xterm and yaml as modules', () => {
	const metafiles = JSON.parse(readFileSync(join(packages, '.cache/agent-room/metafiles.json'), 'utf8')) as readonly Metafile[];
	const files = new Set(metafiles.flatMap(({outputs}) => Object.values(outputs).flatMap(({inputs}) => Object.keys(inputs))));
	const held = [...files].filter(file => /node_modules\/(?:@xterm|yaml)\//.test(file));
	expect(held.length).toBeGreaterThan(10);
	expect(held.filter(file => !/\.mjs$|\/yaml\/browser\//.test(file))).toEqual([]);
});

// V8 compiles a function with its file, and keeps it in the code cache, where an open parenthesis is before it.
test('the function around a CommonJS module is in parentheses, and so is one that it exports', () => {
	const texts = globSync('dist/chunks/*.js', {cwd: root}).map(file => readFileSync(join(root, file), 'utf8'));
	const count = (pattern: RegExp): number => texts.reduce((sum, text) => sum + [...text.matchAll(pattern)].length, 0);
	const params = String.raw`(?:[\w$]+|\([\w$]*(?:,[\w$]+)?\))=>\{`;
	expect(count(new RegExp(String.raw`\b[\w$]+=[\w$]+\(\(${params}"use strict"`, 'g'))).toBeGreaterThan(80);
	expect(count(new RegExp(String.raw`\b[\w$]+=[\w$]+\(${params}"use strict"`, 'g'))).toBe(0);
	expect(count(/[\w$]\.exports=\(function\(/g)).toBeGreaterThan(0);
});

test('xterm as a module fills the same cells from recorded streams as the form that Node loads', async () => {
	const {Terminal: AsModule} = (await import(join(packages, '@xterm/headless/lib-headless/xterm-headless.mjs'))) as typeof xterm;
	const {default: unicode11} = await import('@xterm/addon-unicode11');
	const {Unicode11Addon: AddonAsModule} = (await import(
		join(packages, '@xterm/addon-unicode11/lib/addon-unicode11.mjs')
	)) as typeof unicode11;
	const options = {cols: 80, rows: 24, scrollback: 500, allowProposedApi: true};
	for (const name of readdirSync(streams)) {
		const bytes = readFileSync(join(streams, name));
		const [one, other] = [new AsModule(options), new xterm.Terminal(options)];
		one.loadAddon(new AddonAsModule());
		other.loadAddon(new unicode11.Unicode11Addon());
		for (const screen of [one, other]) screen.unicode.activeVersion = '11';
		const cells = await cellsOf(one, bytes);
		expect(cells.flat().some(number => number > 0)).toBe(true);
		expect(cells, name).toEqual(await cellsOf(other, bytes));
	}
});

test('yaml as a module reads and writes as the form that Node loads', async () => {
	const asModule = (await import(join(packages, 'yaml/browser/dist/index.js'))) as typeof yaml;
	const texts = [
		'test: "npm test"\nteam:\n  - {role: developer, count: 4} # four\n',
		'a: &x [1, 2.5, 0x1f, ~, yes]\nb: *x\nc: |\n  two\n  lines\n? key\n: 2026-12-02\n',
		'a: [1\nb: {\n',
		'a: 1\na: 2\n\tb: 3\n',
		'other: !unknown 1\n',
	];
	for (const text of texts) {
		const read = ({parseDocument}: typeof yaml) => {
			const document = parseDocument(text, {prettyErrors: true});
			const problems = [...document.errors, ...document.warnings].map(({code, message, pos}) => ({code, message, pos}));
			return {problems, text: document.errors.length > 0 ? '' : document.toString(), value: document.toJSON() as unknown};
		};
		expect(read(asModule)).toEqual(read(yaml));
	}
});
