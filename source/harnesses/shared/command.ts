import {nearest} from '../../core/text/refusal.ts';
import type {Harness} from './harness.ts';

const PLACEHOLDERS = ['briefFile', 'worktree', 'branch', 'task', 'agent'] as const;
export type PlaceholderValues = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

export type Expanded =
	| {readonly ok: true; readonly command: readonly string[]}
	| {readonly ok: false; readonly message: string; readonly hint: string};

const isKnown = (name: string): name is (typeof PLACEHOLDERS)[number] => PLACEHOLDERS.some(known => known === name);

/**
 * Replaces each `{placeholder}`, argument by argument: a value stays within one argument and is not expanded again. `${NAME}` stays for a
 * shell; `{{name}}` is a literal `{name}`. Refuses unknown placeholders and names the nearest.
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
