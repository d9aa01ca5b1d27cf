import {tokenAmount} from '../cost/budget.ts';
import {formatDuration} from '../text/format.ts';
import {type Config, hasDocuments, planMode} from './config.ts';

/** Maps whose entries are settings of their own; `prices` come from one file as a whole. */
export const BY_ENTRY = ['harnesses', 'roles', 'keys', 'prices', 'notify'] as const;
export type ByEntry = (typeof BY_ENTRY)[number];

/** Keys with durations in ms. */
export const DURATIONS: readonly string[] = ['lease', 'timeout', 'testTimeout', 'stallTimeout', 'backoff', 'idleTimeout', 'unattended'];

const memberText = ({count, role, harness}: Config['team'][number]): string => `${count} ${role}${harness ? ` (${harness})` : ''}`;

/** Returns an entry of a config map of any type. */
export const entryOf = (map: unknown, entry: string): unknown =>
	typeof map === 'object' && map !== null && Object.hasOwn(map, entry) ? Reflect.get(map, entry) : undefined;

const listText = (values: readonly unknown[]): string => (values.length > 0 ? values.join(', ') : 'none');

const plainText = (value: unknown): string => {
	if (value === undefined || value === null) return 'none';
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	if (Array.isArray(value)) return listText(value);
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** Formats a harness in one line: its command and extra permissions. Environment values may be secrets: names only. */
export const harnessText = ({command, cli, permissions, env, rules}: Config['harnesses'][string]): string =>
	[
		(command ?? [cli ?? '']).join(' '),
		...(permissions === 'full' ? ['(may do anything without asking)'] : []),
		...(rules ? [`(${rules.screen.length} screen rules, ${Object.keys(rules.hooks).length} hook names)`] : []),
		...(Object.keys(env).length > 0 ? [`(sets ${Object.keys(env).join(', ')})`] : []),
	].join(' ');

const budgetValue = ({usd, tokens, onReached, outside}: NonNullable<Config['budget']>): string => {
	const limits = [...(usd === undefined ? [] : [`$${usd}`]), ...(tokens === undefined ? [] : [`${tokenAmount(tokens)} tokens`])];
	return [[limits.join(' and '), onReached ?? ''].filter(Boolean).join(', then '), outside ? `outside: ${outside}` : '']
		.filter(Boolean)
		.join('; ');
};

/** Formats a key's value, the same on the settings page and in the trust dialog. */
export const valueText = (config: Config, key: keyof Config): string => {
	switch (key) {
		case 'plan':
			return planMode(config);
		case 'merge':
			return config.merge ?? 'local; `push` on a shared Redis';
		case 'remote':
			return config.remote ?? 'upstream of the base branch';
		case 'pushTo':
			return config.pushTo ?? 'the same remote';
		case 'forge':
			return typeof config.forge === 'object' ? config.forge.command.join(' ') : (config.forge ?? 'as the remote says');
		case 'documentation':
			return hasDocuments(config) ? 'on' : 'off';
		case 'team':
			return listText(config.team.map(memberText));
		case 'budget':
			return config.budget ? budgetValue(config.budget) : 'none';
		default: {
			const value = config[key];
			return typeof value === 'number' && DURATIONS.includes(key) ? formatDuration(value) : plainText(value);
		}
	}
};

/** Formats one entry of a map. */
export const entryText = (config: Config, key: ByEntry, entry: string): string => {
	if (key === 'harnesses') {
		const harness = config.harnesses[entry];
		return harness ? harnessText(harness) : 'none';
	}
	if (key === 'roles') {
		const {prompt, prefix, stages} = config.roles[entry] ?? {};
		return [prompt === undefined ? '' : 'its own prompt', prefix ?? '', (stages ?? []).join(' ')].filter(Boolean).join(', ');
	}
	if (key === 'prices') {
		const price = config.prices[entry];
		return price ? `$${price.in} in, $${price.out} out per million tokens` : 'none';
	}
	return plainText(entryOf(config[key], entry));
};
