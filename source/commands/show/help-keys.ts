import {resolve} from 'node:path';
import {type Config, configSchema} from '../../core/config/config.ts';
import type {Keymap} from '../../ui/keymap/keymap.ts';
import {nameOfRow} from '../../ui/keymap/overrides.ts';
import {GROUP_TITLES, isOverRoom, type KeyRow, OVER_ROOM, titleOf} from '../../ui/keymap/row.ts';
import {KEYS} from '../../ui/screen/keys.ts';
import {type ConfigFile, readConfigFile} from '../config/file.ts';
import {checkKeys, keyWarnings} from '../config/keys.ts';
import {configPath, configurationOf, userConfigPath} from '../config/load.ts';
import {findPlace, findRepository} from '../config/place.ts';
import {EXIT, type Invocation, isSet, textFlag} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';

const defaultOf = (row: KeyRow): readonly string[] => KEYS.find(own => nameOfRow(own) === nameOfRow(row))?.keys ?? [];
const isChanged = (row: KeyRow): boolean => defaultOf(row).join(' ') !== row.keys.join(' ');
const keysText = (keys: readonly string[]): string => keys.join(' ') || '-';

const sectionsOf = ({rows}: Keymap): readonly {readonly title: string; readonly rows: readonly KeyRow[]}[] => {
	const all = [...new Set([...OVER_ROOM, ...rows.map(({scope}) => scope)])].filter(scope => scope !== 'room');
	const scopes = [...all.filter(scope => isOverRoom(scope, rows)), ...all.filter(scope => !isOverRoom(scope, rows))];
	return [
		...Object.entries(GROUP_TITLES).map(([group, title]) => ({
			title,
			rows: rows.filter(row => row.scope === 'room' && row.group === group),
		})),
		...scopes.map(scope => ({title: titleOf(scope, rows), rows: rows.filter(row => row.scope === scope)})),
	].filter(section => section.rows.length > 0);
};

const keysHelp = (keymap: Keymap): readonly string[] => {
	const widest = (texts: readonly string[]): number => Math.min(40, Math.max(...texts.map(text => text.length)));
	const [keys, words] = [widest(keymap.rows.map(row => keysText(row.keys))), widest(keymap.rows.map(row => row.help))];
	const line = (row: KeyRow): string => {
		const was = isChanged(row) ? `  (${keysText(defaultOf(row))} by default)` : '';
		return `  ${keysText(row.keys).padEnd(keys)}  ${row.help.padEnd(words)}  ${nameOfRow(row)}${was}`;
	};
	return sectionsOf(keymap).flatMap(({title, rows}, index) => [
		...(index > 0 ? [''] : []),
		`${title[0]?.toUpperCase()}${title.slice(1)}`,
		...rows.map(row => plainLine(line(row))),
	]);
};

/** The keys in effect and the files that may set them, the winner first; outside a repository only the user's. */
const keysHere = async (
	invocation: Invocation,
): Promise<{readonly keys: Config['keys']; readonly files: readonly (ConfigFile | undefined)[]}> => {
	const {folder, environment} = invocation;
	if (findRepository(resolve(folder, textFlag(invocation, 'repo') || '.'))) {
		const {allowed, file, userFile, ignored} = await configurationOf(invocation, findPlace(invocation));
		return {keys: allowed.keys, files: [file, userFile].map(one => (one && ignored.includes(one) ? undefined : one))};
	}
	const named = textFlag(invocation, 'config') || environment.AGENT_ROOM_CONFIG || '';
	const files = [
		named ? readConfigFile(configPath({root: folder, folder, named}), '') : undefined,
		readConfigFile(userConfigPath(environment), ''),
	];
	const raw = Object.assign({}, ...files.toReversed().map(file => file?.raw.keys ?? {}));
	return {keys: configSchema.shape.keys.parse(raw), files};
};

/** `agent-room help keys`: every key with overrides; with --json a row a line. Refuses (exit 2) invalid overrides. */
export const helpKeys = async (invocation: Invocation): Promise<number> => {
	const {keys, files} = await keysHere(invocation);
	const keymap = checkKeys(keys, files);
	const {print} = invocation;
	if (isSet(invocation, 'json')) {
		for (const row of keymap.rows)
			print(plainJson({name: nameOfRow(row), keys: row.keys, help: row.help, scope: row.scope, default: defaultOf(row)}));
		return EXIT.ok;
	}
	for (const line of keysHelp(keymap)) print(line);
	print('');
	print('Change keys by the names on the right, in agent-room.yaml or your own config:');
	print('  keys: {zoom: Z, pause: [p, ctrl+x], drain: null, leader: ["ctrl+]", ctrl+g]}');
	for (const warning of keyWarnings(keymap, files)) print(`! ${warning}`);
	return EXIT.ok;
};
