import {createHash} from 'node:crypto';
import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline/promises';
import type {Config} from '../../core/config/config.ts';
import {plainLine} from '../parse/print.ts';
import type {ConfigFile} from './file.ts';

/** Contents are remembered, newest last; the oldest is forgotten. */
const REMEMBERED = 100;

const fileOf = (stateFolder: string): string => join(stateFolder, 'trusted.json');

/** What a person trusts: this content to the byte, under whatever name. */
const fingerprint = (content: string): string => createHash('sha256').update(content).digest('hex');

/** Damage in the file forgets every trust: the person is asked again, nothing runs meanwhile. */
const readTrusted = (stateFolder: string): readonly string[] => {
	try {
		const value: unknown = JSON.parse(readFileSync(fileOf(stateFolder), 'utf8'));
		return Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : [];
	} catch {
		return [];
	}
};

export const isContentTrusted = (stateFolder: string, content: string): boolean => readTrusted(stateFolder).includes(fingerprint(content));

/** Remembers that a person trusts the commands in this content. The file is replaced whole, mode 0600. */
export const trustContent = (stateFolder: string, content: string): void => {
	const print = fingerprint(content);
	const trusted = [...readTrusted(stateFolder).filter(entry => entry !== print), print].slice(-REMEMBERED);
	const next = `${fileOf(stateFolder)}.${process.pid}`;
	writeFileSync(next, `${JSON.stringify(trusted)}\n`, {mode: 0o600});
	renameSync(next, fileOf(stateFolder));
};

export type Configuration = {
	/** As written in the files, whether trusted or not; durations in ms. */
	readonly config: Config;
	/** What may run: the same where it is trusted, else without any command. */
	readonly allowed: Config;
	readonly isTrusted: boolean;
	/** What would run if it were trusted, in words. */
	readonly commands: readonly string[];
	/** The repository's file, if there is one. */
	readonly file: ConfigFile | undefined;
	readonly userFile: ConfigFile | undefined;
	/** Where both are looked for, whether they exist or not. */
	readonly paths: {readonly project: string; readonly user: string};
};

/** Shows a person at a terminal what the repository's config would run, and asks. Anything but a plain yes is a no. */
export const askTrust = async (configuration: Configuration, stateFolder: string): Promise<boolean> => {
	const {file, commands} = configuration;
	if (!file) return false;
	const terminal = createInterface({input: process.stdin, output: process.stdout});
	try {
		process.stdout.write(`${plainLine(file.path)} wants to run commands that you have not trusted yet:\n`);
		for (const command of commands) process.stdout.write(`  ${plainLine(command)}\n`);
		const answer = await terminal.question('Trust them, until the file changes? [y/N] ');
		if (!/^y(?:es)?$/i.test(answer.trim())) return false;
		trustContent(stateFolder, file.content);
		return true;
	} finally {
		terminal.close();
	}
};
