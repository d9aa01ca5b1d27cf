import {createHash} from 'node:crypto';
import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

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
