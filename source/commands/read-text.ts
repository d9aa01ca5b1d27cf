import {readFileSync, statSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Invocation} from './command.ts';
import {CommandError, wrongUsage} from './command-error.ts';

const LARGEST = 500_000;

/** The text of a file, or of stdin for `-`. */
export const readText = (invocation: Invocation, name: string): string => {
	const file = name === '-' ? 0 : resolve(invocation.folder, name);
	try {
		if (file !== 0 && statSync(file).size > LARGEST) throw wrongUsage(`\`${name}\` is too large.`, 'At most 500 KB.');
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (error instanceof CommandError) throw error;
		const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
		throw wrongUsage(`\`${name}\` cannot be read: ${code}.`);
	}
};
