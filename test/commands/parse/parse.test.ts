import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {CommandError} from '../../../source/commands/parse/command.ts';
import {readFlags} from '../../../source/commands/parse/meow.ts';
import {readCommandLine} from '../../../source/commands/parse/parse.ts';
import {COMMANDS} from '../../../source/commands/table.ts';

const parse = (...argv: string[]) => readCommandLine(argv, COMMANDS, readFlags);
const refusal = (...argv: string[]): CommandError => {
	try {
		parse(...argv);
	} catch (error) {
		if (error instanceof CommandError) return error;
		throw error;
	}
	throw new Error(`accepted: ${argv.join(' ')}`);
};

describe('a command line', () => {
	test('without words opens the room', () => {
		expect(parse().command.name).toBe('');
		expect(parse('--repo', '/tmp').command.name).toBe('');
		expect(parse('--repo', '/tmp').flags.repo).toBe('/tmp');
	});

	test('takes flags before, between and after the words', () => {
		const parsed = parse('--repo', 'a', 'add', '--priority=90', 'Title', '--needs', 'go,sql', '--json');
		expect(parsed.command.name).toBe('add');
		expect(parsed.input).toEqual(['Title']);
		expect(parsed.flags).toMatchObject({repo: 'a', priority: 90, needs: 'go,sql', json: true, feature: false});
	});

	test('keeps words of several letters and dashes apart from flags', () => {
		expect(parse('report', 'progress', '- half done').input).toEqual(['progress', '- half done']);
		expect(parse('report', 'progress', '--no idea yet').input).toEqual(['progress', '--no idea yet']);
		expect(parse('report', 'progress', '--', '--json').input).toEqual(['progress', '--json']);
		expect(parse('add', '-5').input).toEqual(['-5']);
	});

	test('collects a flag that may be repeated', () => {
		expect(parse('report', 'ask', 'Which?', '--choice', 'a', '--choice', 'b c').flags.choice).toEqual(['a', 'b c']);
	});

	test('gives text to the flags that take text, whatever it looks like', () => {
		expect(parse('add', 'x', '--id=007').flags.id).toBe('007');
		expect(parse('add', 'x', '--description', '-').flags.description).toBe('-');
	});

	test('names the nearest command and flag', () => {
		expect(refusal('stauts')).toMatchObject({message: 'Unknown command `stauts`.', hint: 'Did you mean `status`?', exitCode: 2});
		expect(refusal('add', 'x', '--priorty', '5')).toMatchObject({message: 'Unknown flag `--priorty`.', hint: 'Did you mean `--priority`?'});
		expect(refusal('xyzzyplugh').hint).toBe('See `agent-room --help`.');
		expect(refusal('status', '-x').message).toBe('Unknown flag `-x`.');
	});

	test('refuses values that a flag does not take', () => {
		expect(refusal('add', 'x', '--priority', 'high').message).toBe('The flag `--priority` needs a whole number: 0..100.');
		expect(refusal('add', 'x', '--priority', '1.5').message).toBe('The flag `--priority` needs a whole number: 0..100.');
		expect(refusal('add', 'x', '--description').message).toBe('The flag `--description` needs a value: FILE.');
		expect(refusal('status', '--json=yes').message).toBe('The flag `--json` takes no value.');
		expect(refusal('add', 'x', '--id', 'a', '--id', 'b').message).toBe('The flag `--id` can be given only once.');
	});

	test('refuses too few and too many words with the usage', () => {
		expect(refusal('task')).toMatchObject({
			message: '`agent-room task` needs more arguments.',
			hint: 'Usage: agent-room task ID',
			exitCode: 2,
		});
		expect(refusal('unassign', 'a', 'b').message).toBe('`agent-room unassign` does not take `b`.');
	});

	test('asks for help before it counts words', () => {
		expect(parse('task', '--help').flags.help).toBe(true);
	});

	test('never throws anything but a refusal, whatever is typed', () => {
		const words = fc.constantFrom(
			'add',
			'report',
			'status',
			'--json',
			'--repo',
			'--',
			'-',
			'--choice',
			'--=',
			'-1',
			'=',
			'__proto__',
			'--__proto__',
			'constructor',
		);
		fc.assert(
			fc.property(fc.array(fc.oneof(words, fc.string({maxLength: 12})), {maxLength: 6}), argv => {
				try {
					const parsed = readCommandLine(argv, COMMANDS, readFlags);
					return COMMANDS.includes(parsed.command) && parsed.input.every(word => typeof word === 'string');
				} catch (error) {
					return error instanceof CommandError && error.exitCode === 2;
				}
			}),
			{numRuns: 500},
		);
	});
});
