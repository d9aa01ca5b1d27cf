import {EXIT} from './exit-code.ts';

/** A command that cannot do what was asked. The message is one sentence with the value in backticks; the hint says what to do next. */
export class CommandError extends Error {
	readonly code: string;
	readonly hint: string;
	readonly exitCode: number;

	constructor(code: string, message: string, hint = '', exitCode: number = EXIT.failed) {
		super(message);
		this.name = 'CommandError';
		this.code = code;
		this.hint = hint;
		this.exitCode = exitCode;
	}
}

/** Wrong usage: exit 2. */
export const wrongUsage = (message: string, hint = ''): CommandError => new CommandError('usage', message, hint, EXIT.usage);

/** Something that is needed is not there yet: exit 3. */
export const notReady = (code: string, message: string, hint = ''): CommandError => new CommandError(code, message, hint, EXIT.notReady);
