import {createInterface} from 'node:readline/promises';
import {notReady} from './command.ts';

/** Asks the person a question whose default is no. Throws where there is no terminal to ask in: `withoutAsking` is the command that skips it. */
export const agrees = async (question: string, withoutAsking: string): Promise<boolean> => {
	if (!process.stdin.isTTY || !process.stdout.isTTY)
		throw notReady('no-terminal', 'No terminal to ask in.', `To skip the question: \`${withoutAsking}\`.`);
	const terminal = createInterface({input: process.stdin, output: process.stdout});
	try {
		return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
	} finally {
		terminal.close();
	}
};
