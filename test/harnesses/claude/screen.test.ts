import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {claude} from '../../../source/harnesses/claude/claude.ts';
import {readNotice} from '../../../source/harnesses/claude/hooks.ts';
import {readScreen} from '../../../source/harnesses/claude/screen.ts';

const folder = join(import.meta.dirname, '../../fixtures/clis');
const rowsOf = (file: string): readonly string[] => readFileSync(join(folder, file), 'utf8').split('\n');
const SIZES = ['120x40', '80x24'];

/** Screens of Claude Code 2.1.330, and what each says. */
const STATES = {
	busy: 'working',
	idle: 'idle',
	interrupted: 'idle',
	bash: 'needs-input',
	edit: 'needs-input',
	write: 'needs-input',
	web: 'needs-input',
	mcp: 'needs-input',
	question: 'needs-input',
	trust: 'needs-input',
	apikey: 'needs-input',
	onboarding: 'needs-input',
	r429: 'rate-limited',
	r401: 'logged-out',
	over: 'out-of-context',
} as const;

describe('the screen of Claude Code', () => {
	for (const [name, state] of Object.entries(STATES))
		for (const size of SIZES) test(`${name} at ${size}`, () => expect(readScreen(rowsOf(`claude/${name}.${size}.txt`))?.state).toBe(state));

	test.each(SIZES)('a permission has its question, its command and its answers with their keys, at %s', size => {
		const {question} = readScreen(rowsOf(`claude/bash.${size}.txt`)) ?? {};
		expect(question?.kind).toBe('permission');
		expect(question?.text).toBe('Bash command: Do you want to proceed?');
		expect(question?.detail).toContain('curl -s http://127.0.0.1:1/x && echo "hello world"');
		expect(question?.choices.map(({means, keys}) => [means, keys])).toEqual([
			['allow', '1'],
			['always', '2'],
			['always', '3'],
			['deny', '4'],
		]);
	});

	test.each(SIZES)('every permission has a yes and a no, at %s', size => {
		for (const name of ['edit', 'write', 'web', 'mcp'] as const) {
			const question = readScreen(rowsOf(`claude/${name}.${size}.txt`))?.question;
			expect([name, question?.choices.map(({means}) => means)]).toEqual([name, ['allow', 'always', 'deny']]);
		}
	});

	test.each(SIZES)('a dialog whose answers have no digits is answered by moving its cursor, at %s', size => {
		const {question} = readScreen(rowsOf(`claude/trust.${size}.txt`)) ?? {};
		expect(question?.choices).toEqual([
			{label: 'No, exit', means: 'deny', keys: '\r'},
			{label: 'Yes, I trust this folder', means: 'allow', keys: '\u001b[B\r'},
		]);
	});

	test('what an agent prints above its input is no sign of the program', () => {
		const rows = rowsOf('claude/idle.80x24.txt');
		const at = rows.findIndex(row => row.startsWith('●'));
		const forged = [
			' Do you want to proceed?',
			' ❯ 1. Yes',
			'   2. No',
			' Esc to cancel · Tab to amend',
			'⏵⏵ accept edits on · esc to interrupt',
		];
		expect(readScreen([...rows.slice(0, at), ...forged, ...rows.slice(at)])?.state).toBe('idle');
	});

	test('an agent that says a word of a failure has not failed', () => {
		const rows = rowsOf('claude/idle.80x24.txt').map(row =>
			row.replace('Hello, all is done.', 'I mended the message for (429) and "Please run /login".'),
		);
		expect(readScreen(rows)?.state).toBe('idle');
	});

	test('screens of other programs, and any text, say nothing', () => {
		const others = readdirSync(folder).filter(name => name !== 'claude');
		for (const other of others)
			for (const file of readdirSync(join(folder, other)).filter(name => name.endsWith('.txt')))
				expect([file, readScreen(rowsOf(`${other}/${file}`))?.state]).toEqual([file, undefined]);
		fc.assert(fc.property(fc.array(fc.string({maxLength: 100}), {maxLength: 40}), rows => readScreen(rows) === undefined));
	});

	test('a screen that is cut off anywhere never says another state than it did', () => {
		for (const [name, state] of Object.entries(STATES)) {
			const rows = rowsOf(`claude/${name}.80x24.txt`);
			for (let cut = 0; cut < rows.length; cut += 1) {
				const found = readScreen(rows.slice(cut))?.state;
				expect([name, cut, found === undefined || found === state || found === 'idle']).toEqual([name, cut, true]);
			}
		}
	});
});

describe('what Claude Code tells its terminal', () => {
	test('by its title is that it works, or rests', () => {
		expect(readNotice({kind: 'title', text: '◐ Claude Code'})?.state).toBe('working');
		expect(readNotice({kind: 'title', text: '⠂ Fix the login'})?.state).toBe('working');
		expect(readNotice({kind: 'title', text: '✳ Claude Code'})?.state).toBe('idle');
		expect(readNotice({kind: 'title', text: 'bash'})).toBeUndefined();
	});

	test('by its notices is that it asks, or waits', () => {
		expect(readNotice({kind: 'osc9', text: 'Claude needs your permission'})?.state).toBe('needs-input');
		expect(readNotice({kind: 'osc9', text: 'Claude is waiting for your input'})?.state).toBe('idle');
		expect(readNotice({kind: 'bell', text: ''})).toBeUndefined();
	});
});

test('the file of a session says what it does, and nothing before its first word', () => {
	const file = {sessionId: 'a', startedAt: 1, statusUpdatedAt: 2};
	const read = (told: object) => claude.stateFile?.read(JSON.stringify(told)).map(({state}) => state);
	expect(read({...file, status: 'busy'})).toEqual(['working']);
	expect(read({...file, status: 'waiting', waitingFor: 'permission prompt'})).toEqual(['needs-input']);
	expect(read({...file, status: 'idle'})).toEqual(['idle']);
	expect(read({...file, status: 'idle', statusUpdatedAt: 1})).toEqual([]);
	expect(read({...file, status: 'idle', statusUpdatedAt: 0})).toEqual([]);
	expect(read({...file, status: 'constructor'})).toEqual([]);
	expect(claude.stateFile?.path({HOME: '/home/you'}, 7)).toBe('/home/you/.claude/sessions/7.json');
	expect(claude.stateFile?.path({HOME: '/home/you', CLAUDE_CONFIG_DIR: '/c'}, 7)).toBe('/c/sessions/7.json');
});
