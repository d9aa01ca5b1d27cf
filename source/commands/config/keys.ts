import type {Config} from '../../core/config/config.ts';
import {createKeymap, type Keymap} from '../../ui/keymap/keymap.ts';
import {KEYS} from '../../ui/screen/keys.ts';
import {CommandError, EXIT} from '../parse/command.ts';
import {plainLine} from '../parse/print.ts';
import {type ConfigFile, placeOf} from './file.ts';

// Separate from `check.ts` and loaded only for configured keys: it imports every surface, and so Ink.

const hasKey = ({raw}: ConfigFile, name: string): boolean =>
	typeof raw.keys === 'object' && raw.keys !== null && Object.hasOwn(raw.keys, name);

/** The place of an override, `FILE:LINE`, in the file that wins. */
const placeOfKey = (name: string, files: readonly (ConfigFile | undefined)[]): string => {
	const file = files.find(candidate => candidate && hasKey(candidate, name));
	return file ? placeOf(file, ['keys', name]) : 'the configuration';
};

/** The configured keymap. Refuses (exit 2) with file, line and both actions if a key cannot be bound; `files`: the winner first. */
export const checkKeys = (keys: Config['keys'], files: readonly (ConfigFile | undefined)[]): Keymap => {
	const keymap = createKeymap(KEYS, keys);
	const [refused] = keymap.refusals;
	if (refused)
		throw new CommandError(
			'config',
			`${placeOfKey(refused.name, files)}: ${plainLine(refused.text)}.`.replace(/[?.]\.$/, found => found.slice(0, 1)),
			'See `agent-room help keys`.',
			EXIT.usage,
		);
	return keymap;
};

/** Limits of the overrides, with their places. */
export const keyWarnings = (keymap: Keymap, files: readonly (ConfigFile | undefined)[]): readonly string[] =>
	keymap.warnings.map(({name, text}) => `${placeOfKey(name, files)}: ${plainLine(text)}`);
