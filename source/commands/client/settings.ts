import {type Config, configSchema, hasDocuments, type Origin, planMode, type Setting, type Settings} from '../../core/config/config.ts';
import {displayKeys} from '../../core/config/display.ts';
import {formatDuration} from '../../core/text/format.ts';
import {harnessText} from '../config/check.ts';
import type {Configuration} from '../config/trust.ts';

/** Maps of which each entry is a setting of its own; `prices` are of one file as a whole. */
const BY_ENTRY = ['harnesses', 'roles', 'keys', 'prices', 'notify'] as const;
const DURATIONS: readonly string[] = ['lease', 'timeout', 'testTimeout', 'stall', 'backoff', 'idleExit'];
/** What runs something or hands something out: none of it counts before it is trusted. */
const TRUSTED = /^(?:test|setup|copy|environment|team|notify\.command|(?:harnesses|roles)(?:\..+)?)$/;

const memberText = ({count, role, harness}: Config['team'][number]): string => `${count} ${role}${harness ? ` (${harness})` : ''}`;

const entryOf = (map: unknown, entry: string): unknown => (typeof map === 'object' && map !== null ? Reflect.get(map, entry) : undefined);
const isEntry = (map: unknown, entry: string): boolean => typeof map === 'object' && map !== null && Object.hasOwn(map, entry);

const listText = (values: readonly unknown[]): string => (values.length > 0 ? values.join(', ') : 'none');

const plainText = (value: unknown): string => {
	if (value === undefined || value === null) return 'none';
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	if (Array.isArray(value)) return listText(value);
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** A value in words. Values of environment variables may be secrets: of a harness their names alone are told. */
const valueText = (config: Config, key: keyof Config): string => {
	switch (key) {
		case 'plan':
			return planMode(config);
		case 'document':
			return hasDocuments(config) ? 'on' : 'off';
		case 'team':
			return listText(config.team.map(memberText));
		case 'budget':
			return config.budget ? [`$${config.budget.usd}`, config.budget.reached ?? ''].filter(Boolean).join(', then ') : 'none';
		default: {
			const value = config[key];
			return typeof value === 'number' && DURATIONS.includes(key) ? formatDuration(value) : plainText(value);
		}
	}
};

const entryText = (config: Config, key: (typeof BY_ENTRY)[number], entry: string): string => {
	if (key === 'harnesses') {
		const harness = config.harnesses[entry];
		return harness ? harnessText(harness) : 'none';
	}
	if (key === 'roles') {
		const {brief, short, stages} = config.roles[entry] ?? {};
		return [brief === undefined ? '' : 'a brief of its own', short ?? '', (stages ?? []).join(' ')].filter(Boolean).join(', ');
	}
	if (key === 'prices') {
		const price = config.prices[entry];
		return price ? `$${price.in} in, $${price.out} out, a million tokens` : 'none';
	}
	return plainText(entryOf(config[key], entry));
};

/** What each key of `notify` does, from its schema. */
const aboutNotice = (entry: string): string => {
	const found: unknown = entryOf(displayKeys.notify.unwrap().shape, entry);
	return String(entryOf(found, 'description') ?? '');
};

/**
 * Every value that counts in a room and where it came from. `used` is the configuration that the room gets, with what was found where nothing
 * is written: its base, and a team of the programs that are installed.
 */
export const settingsOf = (configuration: Configuration, used: Config): Settings => {
	const {config, isTrusted, file, userFile, paths} = configuration;
	// The repository's word counts before the person's, as when both were merged.
	const fileOf = (key: string, entry?: string): Origin =>
		[file, userFile].reduceRight<Origin>((from, one) => {
			const isWritten = one && (entry === undefined ? Object.hasOwn(one.raw, key) : isEntry(one.raw[key], entry));
			return isWritten ? (one === file ? 'project' : 'user') : from;
		}, 'default');
	const about = (key: keyof Config): string => configSchema.shape[key].description ?? '';
	const one = (name: string, value: string, from: Origin, text: string): Setting => ({
		name,
		value,
		from,
		about: text,
		isIgnored: !isTrusted && from !== 'default' && TRUSTED.test(name),
	});
	const values = (Object.keys(configSchema.shape) as (keyof Config)[]).flatMap((key): readonly Setting[] => {
		const by = BY_ENTRY.find(name => name === key);
		const from = fileOf(key);
		if (!by) {
			// What does not count is told as it is written, or nobody would find the word that is refused.
			const isFound = from === 'default' && (key === 'base' || (key === 'team' && used.team.length > 0));
			const text = valueText(isTrusted || from === 'default' ? used : {...config, base: used.base}, key);
			return [one(key, text, isFound ? 'found' : from, about(key))];
		}
		const entries = Object.keys(config[by]);
		if (by === 'notify')
			return ['bell', 'desktop', 'command', 'done'].map(entry =>
				one(`notify.${entry}`, entryText(config, by, entry), fileOf(key, entry), aboutNotice(entry)),
			);
		if (entries.length === 0) return [one(key, 'none', 'default', about(key))];
		return entries.map(entry =>
			one(`${key}.${entry}`, entryText(config, by, entry), by === 'prices' ? from : fileOf(key, entry), about(key)),
		);
	});
	return {
		files: [
			{whose: 'project', path: file?.path ?? paths.project, isThere: file !== undefined},
			{whose: 'user', path: userFile?.path ?? paths.user, isThere: userFile !== undefined},
		],
		values,
	};
};
