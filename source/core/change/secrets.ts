/**
 * Where a change seems to contain a secret; the secret itself is never kept. `line` is of the new file, from 1. `commit`: the commit that
 * has it, if the whole change no longer does.
 */
export type Secret = {readonly file: string; readonly line: number; readonly kind: string; readonly commit?: string};

/** A file that could not be scanned, and why: `9 MB`. */
export type Unsearched = {readonly file: string; readonly why: string; readonly commit?: string};

/**
 * Token formats with an issuer's prefix and fixed length. Entropy guessing is left out: lock files and checksums would raise false alarms.
 * Each pattern reads a text once. `posix` matches at least the same lines; git's search preselects files by it.
 */
const SHAPES: ReadonlyArray<{readonly kind: string; readonly pattern: RegExp; readonly posix: string}> = [
	{
		kind: 'private key',
		pattern: /-----BEGIN (?:[A-Z]{2,9} )?PRIVATE KEY(?: BLOCK)?-----/,
		posix: '-----BEGIN ([A-Z]{2,9} )?PRIVATE KEY( BLOCK)?-----',
	},
	{kind: 'AWS key', pattern: /\b(?:AKIA|ASIA)(?![A-Z2-7]{0,9}EXAMPLE)[A-Z2-7]{16}\b/, posix: 'A[KS]IA[A-Z2-7]{16}'},
	{
		kind: 'GitHub token',
		pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b/,
		posix: 'gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}',
	},
	{kind: 'GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20}\b/, posix: 'glpat-[A-Za-z0-9_-]{20}'},
	{
		kind: 'Slack token',
		pattern: /\bxox[abeprs]-[0-9]{6,16}-[A-Za-z0-9-]{10}/,
		posix: 'xox[abeprs]-[0-9]{6,16}-[A-Za-z0-9-]{10}',
	},
	{kind: 'Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/, posix: 'AIza[A-Za-z0-9_-]{35}'},
	{kind: 'Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{24}/, posix: '[rs]k_live_[A-Za-z0-9]{24}'},
	{kind: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/, posix: 'npm_[A-Za-z0-9]{36}'},
	{kind: 'Anthropic key', pattern: /\bsk-ant-[a-z0-9]{3,6}-[A-Za-z0-9_-]{40}/, posix: 'sk-ant-[a-z0-9]{3,6}-[A-Za-z0-9_-]{40}'},
	{
		kind: 'OpenAI key',
		pattern: /\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40}/,
		posix: 'sk-(proj|svcacct|admin)-[A-Za-z0-9_-]{40}',
	},
];

/** All patterns as one POSIX extended regular expression. */
export const SECRET_SHAPES: string = SHAPES.map(({posix}) => `(${posix})`).join('|');

/** Returns the kind of secret in a line; '' for none. */
export const secretIn = (text: string): string => SHAPES.find(({pattern}) => pattern.test(text))?.kind ?? '';

const everyMatch = (text: string): ReadonlyArray<{readonly kind: string; readonly at: number; readonly text: string}> =>
	SHAPES.flatMap(({kind, pattern}) =>
		[...text.matchAll(new RegExp(pattern.source, 'g'))].map(match => ({kind, at: match.index, text: match[0]})),
	);

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/**
 * Returns kinds of secrets in `bytes` but not in `before`, both one character per byte. Each is also scanned without its zero bytes: that
 * finds UTF-16 and UTF-32 text and secrets split by zeros.
 */
export const secretsInBytes = (bytes: string, before: string): ReadonlyArray<{readonly kind: string; readonly line: number}> => {
	const views = (text: string): readonly string[] => (text.includes('\0') ? [text, text.replaceAll('\0', '')] : [text]);
	const known = new Set(views(before).flatMap(view => everyMatch(view).map(({text}) => text)));
	const found = new Map<string, {readonly kind: string; readonly line: number}>();
	for (const view of views(bytes))
		for (const {kind, at, text} of everyMatch(view)) {
			const line = lineAt(view, at);
			if (!known.has(text) && !found.has(`${text} ${line}`)) found.set(`${text} ${line}`, {kind, line});
		}
	return [...found.values()];
};
