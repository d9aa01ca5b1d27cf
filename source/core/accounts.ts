import type {Held, Written} from './coordination.ts';

/** What agents use up, and what those of one account are allowed for now: steps of the coordination, one script each. */
export interface Accounts {
	/**
	 * Counts what an agent used up, also for the task's feature (`tokensCached`: of `tokensIn`, what a cache of the provider gave); `stale`: not on the task, which somebody else has by now. `counter` names what the
	 * amounts are the running totals of (a session): then only what it grew by is counted, however often, late or anew it is said.
	 */
	spend(cost: Held & {micros: number; tokensIn: number; tokensOut: number; tokensCached?: number; counter?: string}): Promise<Written>;
	/**
	 * An account was refused for now: nothing is handed to its agents until the time that is answered (epoch ms of the server). Then one of them
	 * goes ahead, and the others follow once it was answered. `retryMs`: how long it is told to wait, 0 where it is not told: then 30 s, twice as
	 * long each time in a row, 10 min at most.
	 */
	brake(refusal: {account: string; agent: string; retryMs: number; reason: string}): Promise<{until: number}>;
	/** A person lifts it. `gone`: the account does not wait. */
	unbrake(account: string): Promise<'ok' | 'gone'>;
}
