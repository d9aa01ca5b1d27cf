import {globSync} from 'node:fs';
import {basename} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {usesOf} from '../../source/redis/scripts/pieces.ts';
import {loadScript, luaFolder, SCRIPTS, type ScriptName} from '../../source/redis/scripts/table.ts';
import {headerOf, readScript} from '../helpers/lua.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';

const folder = luaFolder();
const names = Object.keys(SCRIPTS) as ScriptName[];
const commandsIn = (text: string): string[] => [...text.matchAll(/(?:redis\.p?call|softly)\('([A-Z]+)'/g)].map(match => match[1] ?? '');

describe('the scripts', () => {
	test('every file has a row and every row a file', () => {
		const files = globSync('*.lua', {cwd: folder}).map(file => basename(file, '.lua'));
		expect(files.toSorted()).toEqual(names.toSorted());
	});

	test.each(names)('%s: header, row and body name the same arguments', name => {
		const row = ['namespace', ...SCRIPTS[name]];
		const argv =
			headerOf(readScript(name))
				.split('--- ARGV')[1]
				?.split(/^---\s*$/m)[0] ?? '';
		const documented = [...argv.matchAll(/^--- {3}(\d+) (\S+)/gm)].map(match => [Number(match[1]), match[2]]);
		expect(documented).toEqual(row.map((argument, index) => [index + 1, argument]));
		const whole = loadScript(name).text;
		const body = [...whole.matchAll(/^local (\w+) = (?:tonumber\()?ARGV\[(\d+)\]\)?$/gm)].map(match => [match[1], Number(match[2])]);
		const rest = [...whole.matchAll(/^local (\w+) = fieldsFrom\((\d+)\)$/gm)].map(match => [`${match[1]}...`, Number(match[2])]);
		expect([...body, ...rest].toSorted((a, b) => Number(a[1]) - Number(b[1]))).toEqual(row.map((argument, index) => [argument, index + 1]));
	});

	test.each(names)('%s: says what it does, what it guarantees, its key and its replies, and nobody else’s text becomes an error', name => {
		const header = headerOf(readScript(name));
		expect(header).toMatch(new RegExp(`^--- ${name}: `));
		expect(header).toMatch(/^--- Guarantees: /m);
		expect(header).toMatch(/^--- KEYS\n--- {3}1 events$/m);
		expect(header).toMatch(/^--- Replies: /m);
		expect(loadScript(name).text).not.toMatch(/error_reply|error\(/);
	});

	test('none of them walks over all keys', () => {
		for (const name of names)
			expect(commandsIn(loadScript(name).text)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(KEYS|SCAN|FLUSHALL)$/)]));
	});

	test('all that change something take an op-id, save those that are idempotent by nature', () => {
		const without = names.filter(name => !(SCRIPTS[name] as readonly string[]).includes('op'));
		expect(without.toSorted()).toEqual([
			'answer-typed',
			'arrive',
			'begin-move',
			'check-epoch',
			'check-server',
			'checkpoint-page',
			'close-agents',
			'drop-keys',
			'end-move',
			'heartbeat',
			'lead-team',
			'list',
			'read',
			'read-keys',
			'record',
			'renew',
			'resign-lead',
			'rooms',
			'show-pane',
			'snapshot',
			'stage-keys',
			'sweep',
			'take-typed',
			'type-pane',
			'watch-pane',
		]);
		for (const name of names.filter(name => !without.includes(name))) expect(loadScript(name).text).toMatch(/\bonce_remember\(/);
	});

	test('every fragment is used', () => {
		const fragments = globSync('lib/*.lua', {cwd: folder}).map(file => basename(file, '.lua'));
		const used = [...names, ...fragments.map(name => `lib/${name}`)].flatMap(name => usesOf(readScript(name)));
		expect([...new Set(['base', ...used])].toSorted()).toEqual(fragments.toSorted());
	});
});

describe.each(['redis-server', 'valkey-server'])('on %s', binary => {
	let redis: TestRedis;
	beforeAll(async () => {
		redis = await startTestRedis([], binary);
	});
	afterAll(() => redis.stop());

	test('all scripts load under the digest that we compute', async () => {
		const connection = await redis.connect();
		for (const name of names) expect(await connection.call('SCRIPT', 'LOAD', loadScript(name).text)).toBe(loadScript(name).sha);
	});

	test('those that only read, and no others, run where nothing may be written', async () => {
		const connection = await redis.connect();
		const used = [...new Set(names.flatMap(name => commandsIn(loadScript(name).text)))];
		const known = (await connection.call('COMMAND', 'INFO', ...used)) as [string, number, readonly string[]][];
		const writing = known.filter(([, , flags]) => flags.includes('write')).map(([name]) => name.toUpperCase());
		// A message is no write, and is refused like one.
		const refused = new Set([...writing, 'PUBLISH']);
		const reading = names.filter(name => !commandsIn(loadScript(name).text).some(command => refused.has(command)));
		expect(reading).toContain('snapshot');
		expect(names.filter(name => /^--- flags: no-writes$/m.test(readScript(name)))).toEqual(reading);
	});

	test('they use commands of Redis 7.0 only', async () => {
		const connection = await redis.connect();
		const used = [...new Set(names.flatMap(name => commandsIn(loadScript(name).text)))];
		const docs = (await connection.call('COMMAND', 'DOCS', ...used)) as unknown[];
		const since = used.map((_, index) => {
			const fields = docs[index * 2 + 1] as unknown[];
			return String(fields[fields.indexOf('since') + 1]);
		});
		expect(used.length).toBeGreaterThan(20);
		expect(since.filter(version => Number.parseFloat(version) > 7)).toEqual([]);
	});
});
