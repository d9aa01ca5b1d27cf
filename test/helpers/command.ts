import {expect} from 'vitest';
import type {Invocation, RunCommand} from '../../source/commands/parse/command.ts';

/** Runs a command in this process and gives the lines that it printed; it has to end well. */
export const linesOf = async (run: RunCommand, given: Partial<Invocation>): Promise<readonly string[]> => {
	const lines: string[] = [];
	const print = (line: string): void => void lines.push(line);
	const whole = {command: '', input: [], flags: {}, environment: {}, folder: '/', print, note: print, onReaderGone: () => undefined};
	expect(await run({...whole, ...given})).toBe(0);
	return lines;
};
