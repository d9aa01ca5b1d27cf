/** A comment would hide the bracket behind it. */
const inShell = (command: string): string => `( ${command.trim()}${command.includes('#') ? '\n' : ' '})`;

/** Makes one shell command of several: each in a shell of its own, in order, up to the first that fails. */
export const inSequence = (commands: readonly string[]): string =>
	commands.length === 1 ? (commands[0] ?? '') : commands.map(inShell).join(' && ');

/** What counts as the tests of a team, in words: rooms that merge together must agree on it. */
export const testRule = ({test = '', affected}: {readonly test?: string | undefined; readonly affected?: string | undefined}): string =>
	affected === undefined ? test : `${test} (affected: ${affected})`;
