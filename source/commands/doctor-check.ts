import {plainLine} from './plain-text.ts';

/** One finding. `bad` keeps the room from working, `warn` does not; `fix` is the exact command. */
export type Check = {
	readonly name: string;
	readonly result: 'ok' | 'warn' | 'bad';
	readonly text: string;
	readonly fix: string;
	/** It is not there, and need not be. */
	readonly isAbsent?: boolean;
};

export const check = (name: string, result: Check['result'], text: string, fix = ''): Check => ({name, result, text: plainLine(text), fix});
