import {describe, expect, test} from 'vitest';
import type {Command, Invocation} from '../../source/commands/parse/command.ts';
import {invocationOf, readCommandLine, readPlainFlags} from '../../source/commands/parse/parse.ts';
import {COMMANDS, runnerOf} from '../../source/commands/table.ts';
import {actionSchema} from '../../source/core/protocol/action.ts';

const silent = {print: () => {}, note: () => {}, onReaderGone: () => {}};

/** A line of the help as the shell takes it apart; no example needs more than double quotes. */
const wordsOf = (line: string): readonly string[] =>
	[...line.replace(/ [|>].*/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
const typed = (line: string): {readonly command: Command; readonly given: Invocation} => {
	const parsed = readCommandLine(wordsOf(line).slice(1), COMMANDS, readPlainFlags);
	return {command: parsed.command, given: invocationOf(parsed, silent)};
};
const actionOf = (line: string): unknown => {
	const {command, given} = typed(line);
	if ('action' in command) return command.action(given);
	return 'decision' in command ? command.decision(given) : undefined;
};
const named = (rows: readonly Command[]) => rows.map(row => [row.name || '(none)', row] as const);

describe('the table of commands', () => {
	test.each(named(COMMANDS))('has examples of `%s` that its parser takes for it', (_name, row) => {
		for (const example of row.examples) expect(typed(example).command).toBe(row);
	});

	test.each(named(COMMANDS.filter(row => !('load' in row))))('makes of `%s` an action that the room takes', (_name, row) => {
		const given = row.examples.filter(example => !example.includes('--plan'));
		for (const example of given) expect(actionSchema.safeParse(actionOf(example)).error, example).toBeUndefined();
	});

	test.each(named(COMMANDS))('loads what runs `%s`', async (_name, row) => {
		expect(typeof (await runnerOf(row))).toBe('function');
	});
});

describe('an action', () => {
	test.each([
		['agent-room pause', {type: 'pause-all'}],
		['agent-room pause dev-2', {type: 'pause-agent', agent: 'agent:dev:002'}],
		['agent-room drain', {type: 'drain', on: true}],
		['agent-room freeze --off', {type: 'freeze', on: false}],
		['agent-room budget 12.50', {type: 'budget', micros: 12_500_000}],
		['agent-room budget 0 --reached warn', {type: 'budget', micros: 0, reached: 'warn'}],
		['agent-room reassign T-3', {type: 'reassign-task', task: 't-3'}],
		['agent-room reassign t-3 dev-2', {type: 'reassign-task', task: 't-3', agent: 'agent:dev:002'}],
		['agent-room move T-7 --before T-3', {type: 'move-task', task: 't-7', before: 't-3'}],
		['agent-room priority t-3 90', {type: 'set-priority', task: 't-3', priority: 90}],
		['agent-room cancel t-3 --by T-9', {type: 'cancel-task', task: 't-3', by: 't-9'}],
		['agent-room cancel t-3', {type: 'cancel-task', task: 't-3'}],
		['agent-room request-changes login', {type: 'request-changes', task: 'login', reason: ''}],
		['agent-room replan Login "Passkeys, please"', {type: 'replan', feature: 'login', text: 'Passkeys, please'}],
	])('of `%s` says what was typed, ids in lower case', (line, action) => {
		expect(actionOf(line)).toEqual(action);
	});

	test.each([
		['agent-room priority t-3 101', '`101` is no priority.'],
		['agent-room budget much', '`much` is not an amount of dollars.'],
		['agent-room budget 5 --reached stop', '`--reached stop` is not known.'],
	])('of `%s` is not made: it is refused as wrong usage', (line, message) => {
		expect(() => actionOf(line)).toThrowError(expect.objectContaining({message, exitCode: 2}));
	});
});
