import {remoteBase} from '../../git/remote/remote.ts';
import type {Facts} from './parts.ts';

/** What this room knows of the remote that it pushes to. All of it may be lost: git says it again. */
export type RemoteMemory = {
	/** Moment of `performance.now()` at which it last answered. */
	answeredAt: number;
	/** Why it could not be asked the last time; '' if it answered. */
	problem: string;
	/** How often in a row it could not be asked. */
	failures: number;
	/** It is not asked again by itself before this moment of `performance.now()`. */
	notBefore: number;
	/** Who asks now: nobody asks next to it. */
	asking: Promise<void> | undefined;
	/** What keeps the user's branch from following, and when that was found. */
	left: {readonly step: string; readonly files: readonly string[]; readonly at: number} | undefined;
};

export const createRemoteMemory = (): RemoteMemory => ({
	answeredAt: Number.NEGATIVE_INFINITY,
	problem: '',
	failures: 0,
	notBefore: 0,
	asking: undefined,
	left: undefined,
});

/** What people call the base: `main`, or `origin/main` where merges are pushed there. */
export const baseName = ({facts: {guardian, base}}: {readonly facts: Pick<Facts, 'guardian' | 'base'>}): string =>
	guardian.store.remote ? remoteBase(guardian.store.remote) : base;
