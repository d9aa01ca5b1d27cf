import type {Config} from '../../core/config/config.ts';
import {createKeymap, type Keymap} from '../../ui/keymap/keymap.ts';
import {KEYS} from '../../ui/screen/keys.ts';
import {CommandError, EXIT} from '../parse/command.ts';
import {plainLine} from '../parse/print.ts';
import {type ConfigFile, placeOf} from './file.ts';

// Apart from `check.ts`, and loaded where a key is given: it knows every surface of the screen, and with them Ink.

const hasKey = ({raw}: ConfigFile, name: string): boolean =>
	typeof raw.keys === 'object' && raw.keys !== null && Object.hasOwn(raw.keys, name);

/** Where an override stands: `FILE:LINE`, of the file that has the word over the others. */
const placeOfKey = (name: string, files: readonly (ConfigFile | undefined)[]): string => {
	const file = files.find(candidate => candidate && hasKey(candidate, name));
	return file ? placeOf(file, ['keys', name]) : 'the configuration';
};

/** The keys that a configuration gives. Refuses (exit 2) with file, line and both actions where one cannot be bound; `files`: the one that wins first. */
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

/** What overrides do not do everywhere, with their places. */
export const keyWarnings = (keymap: Keymap, files: readonly (ConfigFile | undefined)[]): readonly string[] =>
	keymap.warnings.map(({name, text}) => `${placeOfKey(name, files)}: ${plainLine(text)}`);
