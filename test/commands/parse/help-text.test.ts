import {describe, expect, test} from 'vitest';
import {commandHelp, helpText} from '../../../source/commands/parse/help-text.ts';
import {COMMANDS} from '../../../source/commands/table.ts';

const widest = (text: string): number => Math.max(...text.split('\n').map(line => line.length));

describe('the help', () => {
	test('fits a terminal of 80x40', () => {
		const text = helpText(COMMANDS);
		expect(widest(text)).toBeLessThanOrEqual(80);
		expect(text.split('\n').length).toBeLessThanOrEqual(40);
	});

	test('begins with the usage and three examples', () => {
		const lines = helpText(COMMANDS).split('\n');
		expect(lines[0]).toBe('Usage: agent-room [COMMAND] [flags]');
		expect(lines.slice(2, 5).every(line => line.startsWith('  agent-room'))).toBe(true);
	});

	test('names every command', () => {
		const text = helpText(COMMANDS);
		for (const {name} of COMMANDS) expect(text).toContain(name);
	});

	test.each(COMMANDS.map(command => [command.name || '(none)', command] as const))(
		'of `%s` fits too, with an example',
		(_name, command) => {
			const text = commandHelp(command);
			expect(widest(text)).toBeLessThanOrEqual(80);
			expect(text.split('\n').length).toBeLessThanOrEqual(40);
			expect(command.examples.length).toBeGreaterThan(0);
			const flags = text.split('\n').filter(line => line.startsWith('  --'));
			const summaries = Object.values(command.flags).map(({summary}, at) => flags[at]?.lastIndexOf(` ${summary}`));
			expect(new Set(summaries).size).toBeLessThanOrEqual(1);
			for (const example of command.examples) expect(example.startsWith(`agent-room ${command.name}`.trim())).toBe(true);
		},
	);
});
