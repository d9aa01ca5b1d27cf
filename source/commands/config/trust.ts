import {createHash} from 'node:crypto';
import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline/promises';
import {type ConfigChange, changeText, MATTERS, type Matters} from '../../core/config/changes.ts';
import type {Config} from '../../core/config/config.ts';
import type {RulesFile} from '../../core/config/rules.ts';
import {plainLine, plainLines} from '../parse/print.ts';
import type {ConfigFile} from './file.ts';

/** Limit of remembered contents; the oldest is dropped. */
const REMEMBERED = 100;

const fileOf = (stateFolder: string): string => join(stateFolder, 'trusted.json');

/** A hash of exactly this content, whatever its name. */
const fingerprint = (content: string): string => createHash('sha256').update(content).digest('hex');

/** A damaged file forgets all trust: you are asked again, and nothing runs meanwhile. */
const readTrusted = (stateFolder: string): readonly string[] => {
	try {
		const value: unknown = JSON.parse(readFileSync(fileOf(stateFolder), 'utf8'));
		return Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : [];
	} catch {
		return [];
	}
};

export const isContentTrusted = (stateFolder: string, content: string): boolean => readTrusted(stateFolder).includes(fingerprint(content));

/** Remembers trusted content. Replaces the file atomically, mode 0600. */
export const trustContent = (stateFolder: string, content: string): void => {
	const print = fingerprint(content);
	const trusted = [...readTrusted(stateFolder).filter(entry => entry !== print), print].slice(-REMEMBERED);
	const next = `${fileOf(stateFolder)}.${process.pid}`;
	writeFileSync(next, `${JSON.stringify(trusted)}\n`, {mode: 0o600});
	renameSync(next, fileOf(stateFolder));
};

export type Configuration = {
	/** As written in the files, trusted or not; durations in ms. Only for display: `allowed` takes effect. */
	readonly config: Config;
	/** What takes effect: nothing from an untrusted file. */
	readonly allowed: Config;
	readonly isTrusted: boolean;
	/** Untrusted files, which are ignored. */
	readonly ignored: readonly ConfigFile[];
	/** What the repository's file changes, or would change if trusted, most important first. */
	readonly changes: readonly ConfigChange[];
	/** The user's rules file, if any: its prices are in `config`. */
	readonly rules?: RulesFile | undefined;
	/** The repository's file, if any. */
	readonly file: ConfigFile | undefined;
	readonly userFile: ConfigFile | undefined;
	/** Where both are looked for, existing or not. */
	readonly paths: {readonly project: string; readonly user: string};
};

const TITLES: Readonly<Record<Matters, string>> = {
	runs: 'It runs, or has agents do:',
	hands: 'It shares with agents, or redirects:',
	loosens: 'It weakens a protection:',
	other: 'It also changes:',
};

/** A file's changes as lines, most important first; [] for none. */
export const changeLines = (changes: readonly ConfigChange[]): readonly string[] =>
	MATTERS.flatMap(matters => {
		const lines = changes.filter(change => change.matters === matters).map(change => `  ${plainLine(changeText(change))}`);
		return lines.length > 0 ? [TITLES[matters], ...lines] : [];
	});

/** Full texts of which only the first line was shown, by name. */
const wholeLines = (changes: readonly ConfigChange[]): readonly string[] =>
	changes
		.filter(({whole}) => whole !== '')
		.flatMap(({name, whole}) => [
			`--- ${plainLine(name)}`,
			...plainLines(whole.trimEnd())
				.split('\n')
				.map(line => `| ${line}`),
		]);

/** Shows the config's changes at the terminal and asks. Anything but a plain yes is a no. */
export const askTrust = async ({ignored, changes}: Configuration, stateFolder: string): Promise<boolean> => {
	if (ignored.length === 0) return false;
	const print = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
	const hasMore = changes.some(({whole}) => whole !== '');
	const terminal = createInterface({input: process.stdin, output: process.stdout});
	try {
		print([
			...ignored.map(({path}) => `You have not trusted this version of ${plainLine(path)}, so nothing in it takes effect.`),
			...changeLines(changes),
		]);
		for (;;) {
			const answer = await terminal.question(`Trust this version? [y/N${hasMore ? ', or v to view long texts' : ''}] `);
			if (hasMore && /^v(?:iew)?$/i.test(answer.trim())) {
				print(wholeLines(changes));
				continue;
			}
			if (!/^y(?:es)?$/i.test(answer.trim())) return false;
			for (const {content} of ignored) trustContent(stateFolder, content);
			return true;
		}
	} finally {
		terminal.close();
	}
};
