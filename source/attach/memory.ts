import {mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {Memory} from '../store/memory.ts';

/** Longer texts than this are none of ours, bytes. */
const MOST = 256 * 1024;

/** Keeps texts of a person in the state folder, each in a file of its own (mode 0600) that is written whole or not at all. */
export const createMemory = (stateFolder: string): Memory => {
	const folder = join(stateFolder, 'memory');
	const fileOf = (name: string): string => join(folder, `${basename(name)}.json`);
	return {
		recall: name => {
			try {
				return statSync(fileOf(name)).size > MOST ? '' : readFileSync(fileOf(name), 'utf8');
			} catch {
				return '';
			}
		},
		keep: (name, text) => {
			const file = fileOf(name);
			try {
				if (text === '') return rmSync(file, {force: true});
				mkdirSync(folder, {recursive: true, mode: 0o700});
				writeFileSync(`${file}.new`, text, {mode: 0o600});
				renameSync(`${file}.new`, file);
			} catch {
				// A full disk costs the memory, never the view.
			}
		},
	};
};
