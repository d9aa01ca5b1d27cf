export type RefusalCode =
	| 'unreachable'
	| 'too-old'
	| 'password'
	| 'eviction'
	| 'read-only'
	| 'not-redis'
	| 'no-binary'
	| 'lacks-command'
	| 'forbidden'
	| 'other-data';

/** This Redis cannot be used. `message` says what, with the value in backticks; `hint` says what to do next. */
export class RedisRefused extends Error {
	readonly code: RefusalCode;
	readonly hint: string;

	constructor(code: RefusalCode, message: string, hint: string, cause?: unknown) {
		super(message, {cause});
		this.name = 'RedisRefused';
		this.code = code;
		this.hint = hint;
	}
}
