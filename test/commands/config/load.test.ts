import {mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {configJsonSchema} from '../../../source/commands/config/file.ts';
import {loadConfiguration} from '../../../source/commands/config/load.ts';
import {type Configuration, trustContent} from '../../../source/commands/config/trust.ts';
import {CommandError} from '../../../source/commands/parse/command.ts';

let folder = '';
let root = '';
let state = '';

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'ar-')));
	root = join(folder, 'repo');
	state = join(folder, 'state');
	mkdirSync(root);
	mkdirSync(state);
});
afterEach(() => rmSync(folder, {recursive: true}));

type Given = {readonly named?: string; readonly trust?: boolean; readonly environment?: Record<string, string>};
const load = ({named = '', trust = false, environment = {}}: Given = {}): Configuration =>
	loadConfiguration({
		root,
		stateFolder: state,
		folder,
		named,
		trust,
		environment: {XDG_CONFIG_HOME: join(folder, 'config'), ...environment},
	});
const write = (text: string): void => writeFileSync(join(root, 'agent-room.yaml'), text);
const writeOwn = (text: string): void => {
	mkdirSync(join(folder, 'config', 'agent-room'), {recursive: true});
	writeFileSync(join(folder, 'config', 'agent-room', 'config.yaml'), text);
};
const refusal = (given?: Given): CommandError => {
	try {
		load(given);
	} catch (error) {
		if (error instanceof CommandError) return error;
		throw error;
	}
	throw new Error('accepted');
};

describe('a configuration', () => {
	test('has defaults without any file, and nothing to trust', () => {
		expect(load()).toMatchObject({isTrusted: true, commands: [], config: {lease: 15_000, attempts: 3, review: 'required', team: []}});
	});

	test("takes the repository's word over the person's, and joins harnesses by name", () => {
		writeOwn('attempts: 7\nlease: 20s\nharnesses:\n  own: {command: [./own]}\n');
		write('attempts: 2\nharnesses:\n  theirs: {command: [./theirs]}\n');
		const {config} = load({trust: true});
		expect(config.attempts).toBe(2);
		expect(config.lease).toBe(20_000);
		expect(Object.keys(config.harnesses)).toEqual(['own', 'theirs']);
	});

	test('names file, line and the nearest key where a key is unknown', () => {
		write('# mine\nbase: main\ntset: npm test\n');
		expect(refusal()).toMatchObject({
			exitCode: 2,
			message: `${join(root, 'agent-room.yaml')}:3: unknown key \`tset\`.`,
			hint: 'Did you mean `test`?',
		});
	});

	test('names the place of an unknown key further in', () => {
		write('team:\n  - role: developer\n    harness: claude\n    capabilites: [go]\n');
		const {message, hint} = refusal();
		expect(message).toBe(`${join(root, 'agent-room.yaml')}:4: unknown key \`capabilites\` in \`team[0]\`.`);
		expect(hint).toBe('Did you mean `capabilities`?');
	});

	test('names the key of a value that cannot be', () => {
		write('base: main\nlease: soon\n');
		expect(refusal().message).toMatch(/agent-room\.yaml:2: `lease`: .*duration/);
	});

	test.each([
		['plan: maybe', '`plan`: Invalid option: expected one of "ask"|"auto"|"off", not `maybe`.'],
		['rounds: many', '`rounds`: expected number, not `many`.'],
		['test: 5', '`test`: expected string, not `5`.'],
		['rounds: -3', '`rounds`: Too small: expected number to be >=1, not `-3`.'],
		['guarded: [src, "/etc"]', '`guarded[1]`: a pattern below the root such as `src/auth/**`, not `/etc`.'],
		['team: {role: developer}', '`team`: Invalid input: expected array, received object.'],
		['roles: {Front End: {stages: [develop]}}', '`roles.Front End`: lower-case letters, digits and dashes.'],
	])('names the value that cannot be: %s', (text, message) => {
		write(`${text}\n`);
		expect(refusal().message).toBe(`${join(root, 'agent-room.yaml')}:1: ${message}`);
	});

	test('refuses broken YAML with its line', () => {
		write('base: main\nteam: [\n');
		expect(refusal().message).toMatch(/agent-room\.yaml:[23]: /);
	});

	test('refuses unknown roles and harnesses with the nearest', () => {
		write('team: [{role: developper, harness: claude}]\n');
		expect(refusal()).toMatchObject({hint: 'Did you mean `developer`?'});
		write('team: [{role: developer, harness: cluade}]\n');
		expect(refusal()).toMatchObject({hint: 'Did you mean `claude`?'});
	});

	test('refuses aliases without end, and a file that is not there', () => {
		write(`a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [${'*a, '.repeat(9)}]\nc: &c [${'*b, '.repeat(9)}]\nd: [${'*c, '.repeat(9)}]\n`);
		expect(refusal().exitCode).toBe(2);
		expect(refusal({named: 'nowhere.yaml'}).message).toBe(`There is no file \`${join(folder, 'nowhere.yaml')}\`.`);
	});
});

describe('trust', () => {
	const COMMANDS =
		'base: main\ntest: make test\nsetup: make deps\nteam: [{role: developer, harness: mine, args: [--all]}]\nharnesses: {mine: {command: [./a, b]}}\n';

	test('is needed before a command of the repository runs', () => {
		write(COMMANDS);
		const {isTrusted, allowed, config, commands} = load();
		expect(isTrusted).toBe(false);
		expect(allowed).toMatchObject({base: 'main', team: [], harnesses: {}, copy: []});
		expect(allowed.test).toBeUndefined();
		expect(allowed.setup).toBeUndefined();
		expect(config.test).toBe('make test');
		expect(commands).toEqual(['test: make test', 'setup: make deps', 'harness mine: ./a b', '1 x developer: mine --all']);
	});

	test.each([
		['--trust', {trust: true}],
		['AGENT_ROOM_TRUST=1', {environment: {AGENT_ROOM_TRUST: '1'}}],
	])('is given by %s, kept, and lost with the first changed byte', (_name, given) => {
		write(COMMANDS);
		expect(load(given).allowed.test).toBe('make test');
		expect(load().isTrusted).toBe(true);
		write(`${COMMANDS}# one more line\n`);
		expect(load().isTrusted).toBe(false);
		write(COMMANDS);
		expect(load().isTrusted).toBe(true);
	});

	test('is not needed where nothing would run', () => {
		write('base: main\nattempts: 5\nkeys: {leader: ctrl+g}\n');
		expect(load().isTrusted).toBe(true);
	});

	test("is not needed for the person's own file, but for one of the repository that is named", () => {
		writeOwn('test: make test\n');
		expect(load().allowed.test).toBe('make test');
		writeFileSync(join(folder, 'outside.yaml'), 'test: make outside\n');
		expect(load({named: 'outside.yaml'}).allowed.test).toBe('make outside');
		writeFileSync(join(root, 'other.yaml'), 'test: make other\n');
		expect(load({named: join(root, 'other.yaml')}).isTrusted).toBe(false);
	});

	test('is kept in a file that only the person can read, and none survives damage to it', () => {
		write(COMMANDS);
		trustContent(state, COMMANDS);
		expect(statSync(join(state, 'trusted.json')).mode & 0o777).toBe(0o600);
		expect(load().isTrusted).toBe(true);
		writeFileSync(join(state, 'trusted.json'), '{"oops"');
		expect(load().isTrusted).toBe(false);
	});
});

test('every key of the schema says what it is', () => {
	const {properties = {}} = configJsonSchema();
	const silent = Object.entries(properties).filter(([, property]) => !('description' in property && property.description));
	expect(silent.map(([key]) => key)).toEqual([]);
});

describe('keys of the screen', () => {
	test('are refused when they are read, with the file, the line and both actions', () => {
		write('attempts: 2\nkeys:\n  pause: p\n  zoom: x\n');
		const {message, hint, exitCode} = refusal();
		expect(message).toBe(`${join(root, 'agent-room.yaml')}:4: \`x\` of \`zoom\` belongs to \`stop\` already.`);
		expect([hint, exitCode]).toEqual(['`agent-room help keys` prints all of them with their names.', 2]);
	});

	test("are refused with the place in the person's own file where that is the one that names them", () => {
		writeOwn('keys: {zoon: Z}\n');
		write('keys: {pause: Y}\n');
		expect(refusal().message).toBe(
			`${join(folder, 'config', 'agent-room', 'config.yaml')}:1: there is no action \`zoon\`; did you mean \`zoom\`?`,
		);
	});

	test('are joined by name, the word of the repository over that of the person', () => {
		writeOwn('keys: {zoom: Z, pause: null, leader: ["ctrl+]", ctrl+g]}\n');
		write('keys: {zoom: Y, panel-1: 9}\n');
		expect(load().config.keys).toEqual({zoom: 'Y', pause: null, leader: ['ctrl+]', 'ctrl+g'], 'panel-1': '9'});
		write('keys: {zoom: {}}');
		expect(refusal().message).toContain('`keys.zoom`: a key, a list of keys, or null for none');
	});
});
