import {globSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {expand, tableName} from '../../source/redis/scripts/assemble.ts';
import {fragmentOf, usesOf} from '../../source/redis/scripts/pieces.ts';
import {loadScript, luaFolder, readFragment, SCRIPTS} from '../../source/redis/scripts/table.ts';
import {exportsOf, namesIn, readScript, repliesOf} from '../helpers/lua.ts';

const folder = luaFolder();
const fragments = globSync('lib/*.lua', {cwd: folder}).map(file => basename(file, '.lua'));
const wrapped = fragments.filter(name => name !== 'base');
const files = [...Object.keys(SCRIPTS), ...wrapped.map(name => `lib/${name}`)];

/** What Lua and Redis give to every script. */
const GIVEN = new Set(
	'ARGV KEYS cjson ipairs math next pairs pcall redis setmetatable string table tonumber tostring type unpack'.split(' '),
);
const base = namesIn(readScript('lib/base')).locals;

/** Every fragment that a file comes with. */
const reachOf = (file: string): readonly string[] => {
	const seen = new Set<string>();
	const follow = (name: string): void => {
		if (!seen.has(name)) seen.add(name);
		for (const used of usesOf(readFragment(name) ?? '')) if (!seen.has(used)) follow(used);
	};
	for (const name of usesOf(readScript(file))) follow(name);
	return [...seen];
};

describe('every file of Lua', () => {
	test.each(files)('%s uses what it names and nothing else', file => {
		const text = readScript(file);
		const {declared, used} = namesIn(text);
		const named = usesOf(text).map(name => ({name, table: tableName(name), exports: exportsOf(readFragment(name) ?? '')}));
		const tables = new Set(named.map(({table}) => table));

		expect(usesOf(text), 'in order').toEqual(usesOf(text).toSorted());
		for (const {name, table, exports} of named) {
			const fields = used.filter(({name}) => name === table).map(({field}) => field);
			expect(fields.length, `${name} is named`).toBeGreaterThan(0);
			expect(
				fields.filter(field => !exports.includes(field)),
				`of ${name}`,
			).toEqual([]);
		}
		expect(
			used.map(({name}) => name).filter(name => !declared.has(name) && !tables.has(name) && !base.includes(name) && !GIVEN.has(name)),
			'known to nobody',
		).toEqual([]);
		expect(
			[...declared].filter(name => tables.has(name) || base.includes(name)),
			'hidden by a local of the same name',
		).toEqual([]);
	});

	test.each(wrapped)('%s: no local inside of a function hides one of the file, which is renamed', name => {
		const text = readScript(`lib/${name}`);
		const {declared} = fragmentOf(text);
		const inner = text.replaceAll(/^local (?:function )?[\w, ]+/gm, '').replaceAll(/'[^'\n]*'/g, '');
		const named = [...inner.matchAll(/(?:\blocal (?:function )?|\bfor |\bfunction\b[^(\n]*\()([\w, ]+)/g)];
		const all = [
			...named.flatMap(([, names = '']) => names.split(',')),
			...[...text.matchAll(/^local function \w+\(([^)]*)\)/gm)].flatMap(([, names = '']) => names.split(',')),
		];
		expect(all.map(word => word.trim()).filter(word => declared.has(word))).toEqual([]);
	});

	test('what runs when it is first used gives functions and constants only', () => {
		const given = wrapped.flatMap(name => {
			const {isOnDemand, exports, declared} = fragmentOf(readScript(`lib/${name}`));
			return [...exports.values()].map(local => ({name: `${name}: ${local}`, isOnDemand, piece: declared.get(local)}));
		});
		expect(given.filter(({isOnDemand, piece}) => isOnDemand && !piece?.isFunction && piece?.literal === undefined)).toEqual([]);
	});

	test('what a fragment gives, somebody else takes', () => {
		const taken = new Set(files.flatMap(file => namesIn(readScript(file)).used.map(({name, field}) => `${name}.${field}`)));
		const given = wrapped.flatMap(name => exportsOf(readScript(`lib/${name}`)).map(field => `${tableName(name)}.${field}`));
		expect(given.length).toBeGreaterThan(80);
		expect(given.filter(name => !taken.has(name))).toEqual([]);
		const bare = new Set(files.flatMap(file => namesIn(readScript(file)).used.map(({name}) => name)));
		expect(
			base.filter(
				name =>
					name !== 'onDemand' && !bare.has(name) && namesIn(readScript('lib/base')).used.filter(used => used.name === name).length < 2,
			),
		).toEqual([]);
	});

	test('has far fewer locals than the 200 of Lua, and its fragments fewer variables than the 60 that a function can hold', () => {
		const scripts = Object.keys(SCRIPTS);
		const count = (name: string, of: RegExp): number => (loadScript(name).text.match(of) ?? []).length;
		expect(scripts.filter(name => count(name, /^local /gm) > 100)).toEqual([]);
		expect(scripts.filter(name => count(name, /^local [a-zA-Z]+_\w/gm) + base.length > 55)).toEqual([]);
	});
});

describe('fragments', () => {
	const given: Readonly<Record<string, string>> = {
		base: 'local namespace = ARGV[1]\n\nlocal function key(name)\n\treturn namespace .. name\nend\n\nlocal function digits()\nend\n\nlocal function onDemand()\nend\n',
		a: '--- uses: b, c\n\nlocal function read()\n\treturn b.name() .. c.name()\nend\n\nreturn {read = read}\n',
		b: '--- uses: c\n\n--- Says it.\nlocal function name()\n\treturn key(c.name())\nend\n\nlocal function other()\nend\n\nreturn {name = name, also = other}\n',
		c: "--- Text.\n\nlocal WORDS = {\n\t'c',\n}\nlocal LETTER = 'C'\n\nlocal function name()\n\treturn WORDS[1] .. LETTER\nend\n\nlocal function never()\nend\n\nreturn {name = name, never = never}\n",
		'lock-view': '--- Run when first used.\n\nlocal seen = {}\n\nlocal function of()\n\treturn seen\nend\n\nreturn {of = of}\n',
		x: '--- uses: y\n',
		y: '--- uses: z\n',
		z: '--- uses: y\n',
	};
	const read = (name: string) => (given[name] === undefined ? undefined : fragmentOf(given[name]));

	test('come once, with what is needed of them: variables, then all functions in one table, constants in their place', () => {
		expect(expand('--- uses: a, c\na.read()\n', read)).toBe(
			[
				'local namespace = ARGV[1]\nlocal function key(name)\n\treturn namespace .. name\nend\n',
				"local c_WORDS = {\n\t'c',\n}\n",
				'local fragments\nfragments = {',
				"c_name = function()\n\treturn c_WORDS[1] .. 'C'\nend,",
				'b_name = function()\n\treturn key(fragments.c_name())\nend,',
				'a_read = function()\n\treturn fragments.b_name() .. fragments.c_name()\nend,',
				'}\n',
				'--- uses: a, c\nfragments.a_read()\n',
			].join('\n'),
		);
	});

	test('run where they are first used, if they say so, and not at all where nothing of them is', () => {
		expect(expand('--- uses: lock-view\nlockView.of()\n', read)).toBe(
			[
				'local function onDemand()\nend\n',
				'local fragments\nfragments = {\n}\n',
				'onDemand(fragments, {\nlockView = function()\nlocal lockView_seen = {}\nfragments.lockView_of = function()\n\treturn lockView_seen\nend\nend,\n})\n',
				'--- uses: lock-view\nfragments.lockView_of()\n',
			].join('\n'),
		);
		expect(expand('--- uses: lock-view\nkey(1)\n', read)).not.toContain('lockView');
	});

	test('keep what only looks like a name of theirs: in texts, comments, keys and fields of others', () => {
		const text =
			"--- c.name\nlocal list = {name = c.name(), ['c.name'] = 1}\nlist.name, list.c.name = 'c.name', a.c\nreturn c.name == list\n";
		expect(expand(`--- uses: c\n${text}`, read)).toContain(text.replaceAll(/c\.name(?=\(| ==)/g, 'fragments.c_name'));
	});

	test('that use one another are refused with their names, and so is a name that nothing has', () => {
		expect(() => expand('--- uses: x', read)).toThrow('y > z > y');
		expect(() => expand('--- uses: nothing', read)).toThrow('There is no fragment `nothing`, which the script uses.');
	});
});

describe('the replies in the header of a script', () => {
	const source = join(import.meta.dirname, '../../source/redis');
	const textOf = (file: string): string => readFileSync(join(source, file), 'utf8');
	/** What the program does with an answer stands behind the call, up to the next one; the many answers of `lock` have a reader of their own. */
	const callOf = (name: string): string =>
		[
			...globSync('*.ts', {cwd: source})
				.flatMap(file => textOf(file).split(/(?=\b(?:run|loadScript)\((?:\w+, )?'[\w-]+')/))
				.filter(part => /^(?:run|loadScript)\((?:\w+, )?'([\w-]+)'/.exec(part)?.[1] === name),
			name === 'lock' ? (textOf('scripts/replies.ts').split('export const lockAnswer')[1] ?? '') : '',
		].join('\n');
	const saying = Object.keys(SCRIPTS).filter(name => repliesOf(readScript(name)).length > 0);

	test.each(saying)('%s: every word that it returns, none that it cannot, and each is known to the program', name => {
		const text = readScript(name);
		const replies = repliesOf(text);
		const returned = [...text.matchAll(/(?:\breturn \{|\bonce\.remember\()'([a-z-]+)'/g)].map(([, word = '']) => word);
		expect(returned.filter(word => !replies.includes(word))).toEqual([]);
		const whole = [text.replace(/^---.*$/gm, ''), ...reachOf(name).map(fragment => readFragment(fragment) ?? '')].join('\n');
		expect(
			replies.filter(word => !whole.includes(`'${word}'`)),
			'said nowhere',
		).toEqual([]);
		expect(
			replies.filter(word => !callOf(name).includes(`'${word}'`)),
			'unknown to the program',
		).toEqual([]);
	});
});
