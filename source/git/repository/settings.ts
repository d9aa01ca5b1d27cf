import {existsSync, readFileSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {git} from '../process/run.ts';
import type {Repository} from './repository.ts';

/** What of a human's repository decides how files are written and read, as its own configuration says. */
export type Settings = {
	/**
	 * Configuration as git writes it, ready for a `config` file. Nothing of it runs anything but the user's own filters, drivers and commands
	 * of diffs.
	 */
	readonly config: string;
	/**
	 * Configuration by which git-lfs works with the contents that it keeps for the user's repository: for the room's own git, never for an
	 * agent's.
	 */
	readonly largeFiles: string;
	/** The user's `info/attributes` and `info/exclude`, '' for none. */
	readonly attributes: string;
	readonly exclude: string;
};

/**
 * Keys that travel: how files are written, whose name stands in commits, where remotes are. None that holds a login (`credential.*`, `http.*`,
 * `url.*`), names a program for git itself (hooks, fsmonitor, ssh), or is about one repository alone.
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

/** A login that stands in an address stays at home. */
const withoutLogin = (url: string): string =>
	url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/@]*)@/i, (_all, scheme: string, login: string) =>
		/^(?:ssh|git\+ssh)/i.test(scheme) ? `${scheme}${login.split(':')[0]}@` : scheme,
	);

const asValue = (root: string, key: string, value: string): string => {
	if (!/\.url$/i.test(key)) return value;
	return /^\.{1,2}\//.test(value) ? resolve(root, value) : withoutLogin(value);
};

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;

/** One key and its value as a section of its own, as git reads it in a `config` file. */
export const asSection = (key: string, value: string): string => {
	const [first, last] = [key.indexOf('.'), key.lastIndexOf('.')];
	const section = first === last ? key.slice(0, first) : `${key.slice(0, first)} ${quoted(key.slice(first + 1, last))}`;
	return `[${section}]\n\t${key.slice(last + 1)} = ${quoted(value)}\n`;
};

const readPlain = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const lookOf = (file: string): string => {
	const stat = statSync(file, {throwIfNoEntry: false});
	return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : '';
};

const known = new Map<string, {readonly look: string; readonly settings: Settings}>();

/** The settings of a human's repository as they are now; read again only after one of their files has changed. */
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
			// A key without a value means yes.
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
