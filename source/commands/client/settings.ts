import {type Config, configSchema, type Origin, type Setting, type Settings} from '../../core/config/config.ts';
import {displayKeys} from '../../core/config/display.ts';
import {BY_ENTRY, entryText, valueText} from '../../core/config/values.ts';
import type {Configuration} from '../config/trust.ts';

const isEntry = (map: unknown, entry: string): boolean => typeof map === 'object' && map !== null && Object.hasOwn(map, entry);

/** Descriptions of `notify` keys, from the schema. */
const aboutNotice = (entry: 'bell' | 'desktop' | 'command' | 'done'): string => displayKeys.notify.unwrap().shape[entry].description ?? '';

/** All values in effect with their source. `used` is the room's configuration with detected defaults: base and team. */
export const settingsOf = (configuration: Configuration, used: Config): Settings => {
	const {config, allowed, ignored, file, userFile, paths} = configuration;
	// The repository wins over the user, as in the merge.
	const fileOf = (key: string, entry?: string): Origin =>
		[file, userFile].reduceRight<Origin>((from, one) => {
			const isWritten = one && (entry === undefined ? Object.hasOwn(one.raw, key) : isEntry(one.raw[key], entry));
			return isWritten ? (one === file ? 'project' : 'user') : from;
		}, 'default');
	const about = (key: keyof Config): string => configSchema.shape[key].description ?? '';
	/** Nothing of an untrusted file takes effect, whatever its key. */
	const isIgnored = (from: Origin): boolean =>
		ignored.some(one => one === (from === 'project' ? file : from === 'user' ? userFile : undefined));
	/** An ignored value is shown as written, with the effective one next to it. */
	const one = (name: string, from: Origin, text: string, valueIn: (of: Config) => string): Setting => ({
		name,
		value: valueIn(isIgnored(from) ? config : used),
		from,
		about: text,
		isIgnored: isIgnored(from),
		...(isIgnored(from) ? {holds: valueIn(allowed)} : {}),
	});
	const values = (Object.keys(configSchema.shape) as (keyof Config)[]).flatMap((key): readonly Setting[] => {
		const by = BY_ENTRY.find(name => name === key);
		const from = fileOf(key);
		if (!by) {
			const isFound = from === 'default' && (key === 'base' || (key === 'team' && used.team.length > 0));
			return [one(key, isFound ? 'found' : from, about(key), of => valueText(of, key))];
		}
		if (by === 'notify')
			return (['bell', 'desktop', 'command', 'done'] as const).map(entry =>
				one(`notify.${entry}`, fileOf(key, entry), aboutNotice(entry), of => entryText(of, by, entry)),
			);
		const entries = Object.keys(config[by]);
		if (entries.length === 0) return [one(key, 'default', about(key), () => 'none')];
		return entries.map(entry =>
			one(`${key}.${entry}`, by === 'prices' ? from : fileOf(key, entry), about(key), of => entryText(of, by, entry) || 'none'),
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
