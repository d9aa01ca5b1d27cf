import {nearest} from '../../core/text/refusal.ts';
import type {Harness} from './harness.ts';

/** What a placeholder in a harness's arguments may name. */
const PLACEHOLDERS = ['briefFile', 'worktree', 'branch', 'task', 'agent'] as const;
export type PlaceholderValues = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

export type Expanded =
	| {readonly ok: true; readonly command: readonly string[]}
	| {readonly ok: false; readonly message: string; readonly hint: string};

const isKnown = (name: string): name is (typeof PLACEHOLDERS)[number] => PLACEHOLDERS.some(known => known === name);

/**
 * The command with every `{placeholder}` replaced by its value, argument by argument: a value never becomes more than a part of one
 * argument, and a placeholder inside a value is left alone. `${NAME}` is a shell's and stays; `{{name}}` is a literal `{name}`.
 * Refuses an unknown placeholder, naming the nearest.
 */
export const expandCommand = (harness: Harness, values: PlaceholderValues): Expanded => {
	const unknown: string[] = [];
	const command = harness.command.map(argument =>
		argument.replace(/\{\{([A-Za-z]\w*)\}\}|\$\{\w*\}|\{([A-Za-z]\w*)\}/g, (whole: string, literal?: string, name?: string) => {
			if (literal !== undefined) return `{${literal}}`;
			if (name === undefined) return whole;
			if (isKnown(name)) return values[name];
			unknown.push(name);
			return whole;
		}),
	);
	const [first] = unknown;
	if (first === undefined) return {ok: true, command};
	const meant = nearest(first, PLACEHOLDERS);
	return {
		ok: false,
		message: `Harness \`${harness.name}\` has an unknown placeholder \`{${first}}\`.`,
		hint: meant ? `Did you mean \`{${meant}}\`?` : `Use one of ${PLACEHOLDERS.map(name => `\`{${name}}\``).join(', ')}.`,
	};
};
