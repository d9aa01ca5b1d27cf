import {AsyncLocalStorage} from 'node:async_hooks';
import type {Marker} from '../../os/process-table.ts';
import {GitRefused} from './refused.ts';

/** Work of an attempt that the room does itself: its git can be found, held and ended like a program in a pane. */
export type GitWork = {
	/** Environment variable and value of each of its git processes. */
	readonly marker: Marker;
	/** Aborted: it starts no further git. */
	readonly signal: AbortSignal;
	/** Resolves when it may start git; undefined: now. */
	readonly held: () => Promise<void> | undefined;
};

const current = new AsyncLocalStorage<GitWork>();

/** Runs `work`; all git that it starts, in any function it calls, belongs to `as`. */
export const asGitWork = <T>(as: GitWork, work: () => Promise<T>): Promise<T> => current.run(as, work);

/** The work that the caller belongs to; undefined outside of any. */
export const currentGitWork = (): GitWork | undefined => current.getStore();

/** The same call, made later by others, belongs to the work that its caller belongs to now, or to none. */
export const inThisGitWork = <T>(call: () => Promise<T>): (() => Promise<T>) => AsyncLocalStorage.bind(call);

/**
 * Waits while the work is held. Guarantee: once it was ended, it starts no git, and so moves nothing.
 * @throws GitRefused `ended`.
 */
export const untilGitMayRun = async ({signal, held}: GitWork): Promise<void> => {
	for (let waits = held(); waits && !signal.aborted; waits = held()) await waits;
	if (signal.aborted) throw new GitRefused('ended', 'git: the work that it was for was ended');
};
