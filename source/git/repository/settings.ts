import {appendFileSync, existsSync, readFileSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {git} from '../process/run.ts';
import type {Repository} from './repository.ts';

/** The user's configuration of how files are written and read. */
export type Settings = {
	/** Text for a git `config` file. It only runs the user's own filters, drivers and diff commands. */
	readonly config: string;
	/** Makes git-lfs use the user's stored contents: for the room's git, never for an agent's. */
	readonly largeFiles: string;
	/** The user's `info/attributes` and `info/exclude`, '' for none. */
	readonly attributes: string;
	readonly exclude: string;
};

/**
 * Keys that are copied: file format, identity, remotes. No login (`credential.*`, `http.*`, `url.*`), no program (hooks, fsmonitor, ssh),
 * nothing about one repository alone.
 */
const TRAVELS = [
	/^core\.(?:autocrlf|eol|safecrlf|symlinks|filemode|ignorecase|precomposeunicode|bigfilethreshold|whitespace|checkroundtripencoding)$/i,
	/^(?:filter|diff|merge)\..+$/i,
	/^(?:user|author|committer)\.(?:name|email|useconfigonly)$/i,
	/^i18n\..+$/i,
	/^lfs\.(?:url|fetchinclude|fetchexclude|locksverify)$/i,
	/^submodule\.(?:.*\.(?:url|active|branch)|active)$/i,
	/^remote\..*\.(?:url|fetch)$/i,
	/^branch\..*\.(?:remote|merge|rebase)$/i,
	/^(?:pull\.(?:rebase|ff)|push\.default)$/i,
];

/** Drops a login in an address. */
const withoutLogin = (url: string): string =>
	url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/@]*)@/i, (_all, scheme: string, login: string) =>
		/^(?:ssh|git\+ssh)/i.test(scheme) ? `${scheme}${login.split(':')[0]}@` : scheme,
	);

const asValue = (root: string, key: string, value: string): string => {
	if (!/\.url$/i.test(key)) return value;
	return /^\.{1,2}\//.test(value) ? resolve(root, value) : withoutLogin(value);
};

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;

/** Formats a key as a section of a git `config` file. */
export const asSection = (key: string, value: string): string => {
	const [first, last] = [key.indexOf('.'), key.lastIndexOf('.')];
	const section = first === last ? key.slice(0, first) : `${key.slice(0, first)} ${quoted(key.slice(first + 1, last))}`;
	return `[${section}]\n\t${key.slice(last + 1)} = ${quoted(value)}\n`;
};

/** Adds settings to the `config` of a git folder that is the room's own and not in use yet: by git it would be a process for each. */
export const addSettings = (gitFolder: string, settings: ReadonlyArray<readonly [key: string, value: string]>): void =>
	appendFileSync(join(gitFolder, 'config'), settings.map(([key, value]) => asSection(key, value)).join(''));

const readPlain = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Changes whenever a file does; '' for none. */
export const lookOf = (file: string): string => {
	const stat = statSync(file, {throwIfNoEntry: false});
	return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : '';
};

const known = new Map<string, {readonly look: string; readonly settings: Settings}>();

/** Reads the current settings of the user's repository; cached until one of their files changes. */
export const readSettings = async ({root, commonDir}: Repository): Promise<Settings> => {
	const files = ['config', 'info/attributes', 'info/exclude'].map(name => join(commonDir, name));
	const look = files.map(lookOf).join('\n');
	const before = known.get(commonDir);
	if (before?.look === look) return before.settings;
	const {stdout} = await git(root, ['config', '--local', '--includes', '--list', '-z'], {accept: [1]});
	const sections = stdout
		.split('\0')
		.filter(Boolean)
		.flatMap(entry => {
			const end = entry.indexOf('\n');
			// A key without a value means true.
			const [key, value] = end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
			return TRAVELS.some(pattern => pattern.test(key)) ? [asSection(key, asValue(root, key, value))] : [];
		});
	const settings = {
		config: sections.join(''),
		largeFiles: `[lfs]\n\tstorage = ${quoted(join(commonDir, 'lfs'))}\n`,
		attributes: readPlain(files[1] ?? ''),
		exclude: readPlain(files[2] ?? ''),
	};
	known.set(commonDir, {look, settings});
	return settings;
};
