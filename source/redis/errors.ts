/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export type RefusalCode =
	| 'address'
	| 'certificate'
	| 'namespace'
	| 'no-replica'
	| 'volatile'
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

/** This Redis is unusable. `message` says why, with the value in backticks; `hint` says what to do next. */
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

/** Redis is disconnected. `wasSent`: the command may have run; otherwise it surely has not. */
export class RedisLost extends Error {
	readonly wasSent: boolean;

	constructor(wasSent: boolean, cause?: unknown) {
		super(wasSent ? 'The connection to Redis was lost before the answer came.' : 'Redis is disconnected.', {cause});
		this.name = 'RedisLost';
		this.wasSent = wasSent;
	}
}

/** Another room leads the team: nothing was written. */
export class LeadLost extends Error {
	constructor() {
		super('another room leads the team');
		this.name = 'LeadLost';
	}
}

/** Temporary refusals: loading, out of memory or disk, waiting for replicas. */
const FOR_NOW = /^(?:LOADING|BUSY|OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;

/** Whether Redis refused only temporarily: a human can fix it, and the command is valid. */
export const isRefusedForNow = (error: unknown): error is Error => error instanceof Error && FOR_NOW.test(error.message);
