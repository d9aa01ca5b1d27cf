import {isMap, isPair, isScalar, LineCounter, type Node, parseDocument} from 'yaml';
import * as z from 'zod';
import {configSchema, NO_UNIT} from '../../core/config/config.ts';
import {CommandError, EXIT} from '../parse/command.ts';
import {didYouMean} from '../parse/parse.ts';
import {plainLine} from '../parse/print.ts';
import {readInside, readOutside} from './inside.ts';

/** A configuration file as written: `raw` has only its own keys, `content` is what you trust, with the files it names. */
export type ConfigFile = {
	readonly path: string;
	readonly text: string;
	readonly content: string;
	/** Brief files that are part of it. */
	readonly names: readonly string[];
	readonly raw: Readonly<Record<string, unknown>>;
};

const LARGEST = 256_000;

const wrong = (path: string, line: number, message: string, hint = ''): CommandError =>
	new CommandError('config', `${path}:${line}: ${message}`, hint, EXIT.usage);

type JsonSchema = {
	readonly properties?: Record<string, JsonSchema>;
	readonly items?: JsonSchema;
	readonly additionalProperties?: JsonSchema | boolean;
};

/** The schema for editors and `config schema`. */
export const configJsonSchema = (): JsonSchema & Record<string, unknown> =>
	z.toJSONSchema(configSchema, {io: 'input'}) as JsonSchema & Record<string, unknown>;

/** Valid keys at a path, for suggestions. */
const keysAt = (path: readonly PropertyKey[]): readonly string[] => {
	let at: JsonSchema | undefined = configJsonSchema();
	for (const step of path) {
		if (typeof step === 'number') at = at?.items;
		else at = at?.properties?.[String(step)] ?? (typeof at?.additionalProperties === 'object' ? at.additionalProperties : undefined);
	}
	return Object.keys(at?.properties ?? {});
};

const dotted = (path: readonly PropertyKey[]): string =>
	path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`)).join('');

type Source = {readonly path: string; readonly lines: LineCounter; readonly document: ReturnType<typeof parseDocument>};

const lineOf = ({document, lines}: Source, path: readonly PropertyKey[], key?: string): number => {
	for (let depth = path.length; depth >= 0; depth--) {
		const found = depth === 0 ? document.contents : (document.getIn(path.slice(0, depth), true) as Node | undefined);
		if (key !== undefined && depth === path.length && isMap(found)) {
			const pair = found.items.find(item => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
			if (pair && isScalar(pair.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
		}
		if (found?.range) return lines.linePos(found.range[0]).line;
	}
	return 1;
};

/** The value at a path, quoted; '' if missing or no scalar. */
const valueAt = (raw: unknown, path: readonly PropertyKey[]): string => {
	const value = path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), raw);
	return value === null || ['string', 'number', 'boolean'].includes(typeof value)
		? `, not \`${plainLine(String(value)).slice(0, 60)}\``
		: '';
};

const KINDS: Readonly<Record<string, string>> = {
	string: 'a text',
	number: 'a number',
	int: 'a whole number',
	boolean: '`true` or `false`',
	array: 'a list, such as `[one, two]`',
	object: 'keys with values',
	record: 'names with values',
};

/** What is allowed at a path, in words. */
const allowedBy = (issue: z.core.$ZodIssue): string => {
	if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
	// The schema's own message is best.
	if (!/^(?:Invalid|Too) /.test(issue.message)) return issue.message;
	if (issue.code === 'invalid_value')
		return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(value => `\`${String(value)}\``).join(', ')}`;
	if (issue.code === 'too_small') return `at least ${issue.minimum}`;
	if (issue.code === 'too_big') return `at most ${issue.maximum}`;
	return issue.code === 'invalid_type' ? (KINDS[issue.expected] ?? issue.message) : issue.message;
};

/** A mistake: the value, what is allowed, and what is there instead. */
const tellIssue = (issue: z.core.$ZodIssue, raw: unknown): string => {
	const name = dotted(issue.path) || 'the file';
	const value = issue.code === 'invalid_key' ? '' : valueAt(raw, issue.path);
	if (issue.message === NO_UNIT) return `\`${name}: ${value.replace(/^, not `|`$/g, '')}\`: ${NO_UNIT}`;
	const quotes = issue.code === 'invalid_type' && issue.expected === 'string' && value !== '' ? ': put it in quotes' : '';
	return `\`${name}\`: ${allowedBy(issue)}${value}${quotes}`;
};

type Mistake = {readonly line: number; readonly text: string; readonly hint: string};

const mistakesOf = (source: Source, issue: z.core.$ZodIssue, raw: unknown): readonly Mistake[] => {
	if (issue.code === 'unrecognized_keys') {
		const known = keysAt(issue.path);
		const place = issue.path.length > 0 ? ` in \`${dotted(issue.path)}\`` : '';
		return issue.keys.map(key => ({
			line: lineOf(source, issue.path, key),
			text: `unknown key \`${key}\`${place}.`,
			hint: didYouMean(key, known, `Known here: ${known.join(', ')}.`),
		}));
	}
	return [{line: lineOf(source, issue.path), text: `${tellIssue(issue, raw)}.`, hint: ''}];
};

/** One mistake as a sentence with its place; several as a list in file order. */
const refuseAll = (path: string, mistakes: readonly Mistake[]): CommandError => {
	const [only] = mistakes;
	if (only && mistakes.length === 1) return wrong(path, only.line, only.text, only.hint || 'See `agent-room config schema`.');
	const lines = mistakes
		.toSorted((one, other) => one.line - other.line)
		.map(({line, text, hint}) => `  line ${line}: ${text}${hint.startsWith('Did you mean') ? ` ${hint}` : ''}`);
	return new CommandError('config', `${path} has ${mistakes.length} mistakes:`, lines.join('\n'), EXIT.usage);
};

/** Parses a configuration file. Refuses (exit 2) with every mistake: line, key, value, what is allowed, and the nearest known key. */
export const parseConfigFile = (path: string, content: string): ConfigFile => {
	const lines = new LineCounter();
	const document = parseDocument(content, {lineCounter: lines, prettyErrors: false});
	const [error] = document.errors;
	if (error) throw wrong(path, lines.linePos(error.pos[0]).line, `${error.message.split('\n')[0] ?? 'not YAML'}.`.replace('..', '.'));
	let raw: unknown;
	try {
		raw = document.toJS({maxAliasCount: 50}) ?? {};
	} catch {
		throw wrong(path, 1, 'too many aliases.');
	}
	const source = {path, lines, document};
	const checked = configSchema.safeParse(raw);
	if (!checked.success) {
		throw refuseAll(
			path,
			checked.error.issues.flatMap(issue => mistakesOf(source, issue, raw)),
		);
	}
	return {path, text: content, content, names: [], raw: raw as Record<string, unknown>};
};

/** The place of a path in a file: `FILE:LINE`. */
export const placeOf = ({path, text}: ConfigFile, at: readonly PropertyKey[]): string => {
	const lines = new LineCounter();
	return `${path}:${lineOf({path, lines, document: parseDocument(text, {lineCounter: lines})}, at)}`;
};

/**
 * Reads a configuration file; undefined if missing. `within`: the repository it belongs to, '' for the user's own. Refuses special files,
 * huge ones, and links inside `within`.
 */
export const readConfigFile = (path: string, within: string): ConfigFile | undefined => {
	const text = within === '' ? readOutside(path, LARGEST) : readInside(path, within, LARGEST);
	return text === undefined ? undefined : parseConfigFile(path, text);
};
