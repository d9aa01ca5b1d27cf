/** Lines that say only that something ended, or where: never why. */
const NOISE: readonly RegExp[] = [
	/^\s*at \S/,
	/^Node\.js v\d/,
	/^npm (?:ERR!|error)\s*(?:A complete log|code|errno|path|command|Lifecycle|Exit status|Test failed|signal|at )/i,
	/^npm (?:ERR!|error)\s*$/i,
	/^\s*ELIFECYCLE\b/,
	/\bCommand failed with exit code\b|\bexited with (?:code|status)\b|\breturned (?:a )?non-zero\b/i,
	/^(?:g?make)(?:\[\d+\])?: \*\*\* /,
	/\bcould not compile\b|\baborting due to\b|\bprevious errors?\b/,
	/^Traceback \(most recent call last\)/,
];

/** Words by which programs name what went wrong. */
const ERROR =
	/\b(?:[A-Z][A-Za-z]*(?:Error|Exception)|Error|error(?:\[[A-Z]?\d+\])?|ERROR|ERR!|FATAL|fatal|panicked|PANIC|panic)\b[:! ]|\b(?:command not found|cannot find|no such file|not recognized|permission denied|undefined reference|segmentation fault|unhandled)\b/i;

const hasWords = (line: string): boolean => /[\p{L}\p{N}]/u.test(line);

/**
 * The line that says why a program failed, of its last lines, oldest first: the last that names an error, else the last with words; '' for none. A
 * guess from text, only to be quoted.
 */
export const errorLine = (lines: readonly string[]): string => {
	const telling = lines.filter(line => hasWords(line) && !NOISE.some(noise => noise.test(line)));
	const found = telling.findLast(line => ERROR.test(line.slice(0, 500))) ?? telling.at(-1) ?? lines.findLast(hasWords) ?? '';
	return found.trim();
};
