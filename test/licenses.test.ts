import {existsSync, globSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {describe, expect, test} from 'vitest';
import {licenseSchema} from '../source/core/protocol/output-schema.ts';
import {temporaryFolder} from './helpers/cleanup.ts';
import {node, root, startProgram} from './helpers/program.ts';
import {agentRoom, binFile} from './helpers/room.ts';

type Metafile = {readonly outputs: Readonly<Record<string, {readonly inputs: Readonly<Record<string, {readonly bytesInOutput: number}>>}>>};
type Notice = {readonly name: string; readonly version: string; readonly license: string; readonly source: string; readonly text: string};
type Licenses = {
	noticesOf(metafiles: readonly Metafile[], root: string): {readonly notices: readonly Notice[]; readonly problems: readonly string[]};
	noticesText(notices: readonly Notice[], besides: readonly string[]): string;
};
// The build runs on a Node without types.
const {noticesOf, noticesText} = (await import(pathToFileURL(join(root, 'source/licenses.js')).href)) as Licenses;

const ALLOWED = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'Python-2.0'];
const list = join(root, 'dist/licenses.txt');
/** What esbuild said of the bundles in `dist` when they were built. */
const metafiles = JSON.parse(readFileSync(join(root, 'node_modules/.cache/agent-room/metafiles.json'), 'utf8')) as readonly Metafile[];
/** The folders of the packages in it. */
const bundled = [
	...new Set(
		metafiles
			.flatMap(({outputs}) => Object.values(outputs).flatMap(({inputs}) => Object.entries(inputs)))
			.flatMap(([input, {bytesInOutput}]) => (bytesInOutput > 0 ? [input] : []))
			.map(input => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? '')
			.filter(Boolean),
	),
];
const manifestOf = (folder: string) =>
	JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {readonly name: string; readonly version: string};

const printed = async () => {
	const {code, stdout, stderr} = await agentRoom(['licenses', '--json'], {cwd: '/'});
	expect({code, stderr}).toEqual({code: 0, stderr: ''});
	return stdout
		.trimEnd()
		.split('\n')
		.map(line => licenseSchema.parse(JSON.parse(line)));
};

describe('the licenses of what is bundled', () => {
	test('are of the bundles that are there', () => {
		const outputs = metafiles.flatMap(metafile => Object.keys(metafile.outputs));
		expect(outputs).toEqual(expect.arrayContaining(['cli', 'program', 'room', 'hook', 'report'].map(name => `dist/${name}.js`)));
		expect(outputs.filter(file => !existsSync(join(root, file)))).toEqual([]);
	});

	test('are all in the list, each package once, with its text', async () => {
		const packages = await printed();
		const titles = packages.map(({name, version}) => `${name} ${version}`);
		const expected = bundled.map(manifestOf).map(({name, version}) => `${name} ${version}`);
		expect(expected.length).toBeGreaterThan(40);
		expect(titles).toEqual([...new Set(expected)].toSorted());
		for (const {name, text} of packages)
			expect(text, name).toMatch(/permission is hereby granted|permission to use|redistribution and use|apache license/i);
		for (const folder of bundled) {
			const {name, version} = manifestOf(folder);
			const entry = packages.find(one => one.name === name && one.version === version);
			for (const file of globSync('{LICENSE,license,NOTICE}{,.md,.txt}', {cwd: join(root, folder)})) {
				const own = readFileSync(join(root, folder, file), 'utf8');
				expect(entry?.text.replace(/\s+/g, ' '), folder).toContain(own.replace(/\s+/g, ' ').trim());
			}
		}
	});

	test('are such as ask for their notice and no more', async () => {
		const packages = await printed();
		expect(packages.filter(({license}) => !ALLOWED.includes(license)).map(({name, license}) => `${name}: ${license}`)).toEqual([]);
	});

	test('name what a package has bundled itself', async () => {
		const meow = (await printed()).find(({name}) => name === 'meow');
		expect(meow?.text).toMatch(/^Name: yargs-parser$/m);
		expect(meow?.text).toContain('creativecommons.org/licenses/by/3.0');
	});

	test('are added by hand only where the package is bundled', () => {
		const names = bundled.map(folder => manifestOf(folder).name);
		const added = globSync('*', {cwd: join(root, 'source/licenses')}).map(file => file.replace(/(\.notice)?\.txt$/, '').replace('+', '/'));
		expect(added.filter(name => !names.includes(name))).toEqual([]);
	});

	test('are printed as they were written, whole also for a reader that takes its time, and in part for one that has enough', async () => {
		const text = readFileSync(list, 'utf8');
		expect(text.length).toBeGreaterThan(2 * 65_536);
		const piped = (reader: string) => startProgram(['bash', '-c', `set -o pipefail; "$0" "$1" licenses | ${reader}`, node, binFile]).ended;
		expect(await piped('(sleep 0.5; cat)')).toEqual({code: 0, signal: null, stdout: text, stderr: ''});
		expect(await piped('(head -n 1; sleep 0.5)')).toEqual({code: 0, signal: null, stdout: `${text.split('\n')[0]}\n`, stderr: ''});
	});
});

const TEXT = 'Permission is hereby granted';
/** A folder with packages, given by their files, and the metafile of a bundle that holds `index.js` of each. */
const bundleOf = (packages: Readonly<Record<string, Readonly<Record<string, string>>>>, more: readonly string[] = []) => {
	const folder = temporaryFolder('licenses-');
	const write = (file: string, text: string): void => {
		mkdirSync(dirname(join(folder, file)), {recursive: true});
		writeFileSync(join(folder, file), text);
	};
	for (const [at, files] of Object.entries(packages)) {
		const name = at.split('node_modules/').at(-1);
		write(`${at}/package.json`, JSON.stringify({name, version: '1.0.0', license: 'MIT', ...JSON.parse(files['package.json'] ?? '{}')}));
		for (const [file, text] of Object.entries(files)) if (basename(file) !== 'package.json') write(`${at}/${file}`, text);
	}
	const inputs = Object.fromEntries(
		[...Object.keys(packages).map(at => `${at}/lib/index.js`), ...more].map(path => [path, {bytesInOutput: 1}]),
	);
	return {folder, write, notices: () => noticesOf([{outputs: {'dist/cli.js': {inputs}}}], folder)};
};
const CODE = {'lib/index.js': ''};

describe('the build', () => {
	test('refuses a package without its license, and says where to put it', () => {
		const {write, notices} = bundleOf({
			'node_modules/@a/bare': {...CODE, NOTICE: 'By A.'},
			'node_modules/empty': {...CODE, LICENSE: ' \n'},
		});
		const sentence = (title: string, file: string): string =>
			`${title} 1.0.0 is bundled and comes without its license: put the one of its repository into source/licenses/${file}.txt.`;
		expect(notices().problems).toEqual([sentence('@a/bare', '@a+bare'), sentence('empty', 'empty')]);
		write('source/licenses/@a+bare.txt', TEXT);
		expect(notices().problems).toEqual([sentence('empty', 'empty')]);
		expect(notices().notices[0]?.text).toBe(`NOTICE:\n\nBy A.\n\nLICENSE of its repository:\n\n${TEXT}`);
	});

	test('refuses a license that is not allowed, also of what a package has bundled itself', () => {
		const {notices} = bundleOf({
			'node_modules/free': {...CODE, LICENSE: TEXT, 'package.json': '{"license": "GPL-3.0-only"}'},
			'node_modules/none': {...CODE, LICENSE: TEXT, 'package.json': '{"license": null}'},
			'node_modules/outer': {...CODE, LICENSE: TEXT, 'lib/licenses.md': 'Name: inner\nLicense: SSPL-1.0\n'},
		});
		expect(notices().problems).toEqual([
			expect.stringContaining('free 1.0.0 is bundled under `GPL-3.0-only`: read that license'),
			expect.stringContaining('none 1.0.0 is bundled under `unknown`'),
			expect.stringContaining('outer 1.0.0 is bundled under `SSPL-1.0`'),
		]);
	});

	test('refuses a file that is neither ours nor of a package', () => {
		const own = ['source/entries/cli.ts', 'package.json', 'builtin:node:fs'];
		expect(bundleOf({}, own).notices().problems).toEqual([]);
		expect(bundleOf({}, ['../elsewhere/index.js']).notices().problems).toEqual([
			expect.stringContaining('`../elsewhere/index.js` is bundled'),
		]);
	});

	test('refuses a text that would be taken for the end of its package', () => {
		const {notices} = bundleOf({'node_modules/a': {...CODE, LICENSE: `${TEXT}\n${'='.repeat(80)}\n`}});
		expect(notices().problems).toEqual([expect.stringContaining('a 1.0.0 has the line')]);
	});

	test('lists a package once, two versions of it both, in the same order each time', () => {
		const {notices} = bundleOf({
			'node_modules/b': {
				...CODE,
				LICENSE: `${TEXT} \r\nto all\r\n`,
				'package.json': '{"repository": "x/b", "author": "B <b@example.org>"}',
			},
			'node_modules/a': {...CODE, 'license-mit': TEXT, 'package.json': '{"version": "2.0.0"}'},
			'node_modules/b/node_modules/a': {...CODE, LICENSE: TEXT},
			'node_modules/c/node_modules/a': {...CODE, LICENSE: TEXT},
		});
		expect(notices().problems).toEqual([]);
		const text = noticesText(notices().notices, ['beside']);
		expect(text.match(/^\w \d\.\d\.\d$/gm)).toEqual(['a 1.0.0', 'a 2.0.0', 'b 1.0.0']);
		expect(text).toMatch(/^Not in it, but installed beside it with a license of its own: beside\.$/m);
		expect(text.endsWith(`\nb 1.0.0\nLicense: MIT\nAuthor: B\nSource: https://github.com/x/b\n\nLICENSE:\n\n${TEXT}\nto all\n`)).toBe(true);
	});

	test.each([
		['x/y', 'https://github.com/x/y'],
		['github:x/y.js', 'https://github.com/x/y.js'],
		['git+https://github.com/x/y.git', 'https://github.com/x/y'],
		['git://github.com/x/y.git', 'https://github.com/x/y'],
		['git@github.com:x/y.git', 'https://github.com/x/y'],
		['git+ssh://git@github.com/x/y.git', 'https://github.com/x/y'],
		['https://github.com/x/y/tree/master/z', 'https://github.com/x/y/tree/master/z'],
	])('writes the repository `%s` as an address', (repository, source) => {
		const {notices} = bundleOf({
			'node_modules/a': {...CODE, LICENSE: TEXT, 'package.json': JSON.stringify({repository: {url: repository}})},
		});
		expect(notices().notices[0]?.source).toBe(source);
	});
});
