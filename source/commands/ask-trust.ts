import {createInterface} from 'node:readline/promises';
import type {Configuration} from './load-configuration.ts';
import {plainLine} from './plain-text.ts';
import {trustContent} from './trust.ts';

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
