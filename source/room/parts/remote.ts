import type {Stage, Task} from '../../core/task/task.ts';
import {remoteBase} from '../../git/remote/remote.ts';
import type {Facts} from './parts.ts';

/** What this room knows of the remote that it pushes to. All of it may be lost: git can be asked again. */
export type RemoteMemory = {
	/** When it last answered, by `performance.now()`. */
	answeredAt: number;
	/** Why the last request failed; '' if it succeeded. */
	problem: string;
	/** When the first request since its last answer failed, by `performance.now()`. */
	awayAt: number;
	/** Failed requests in a row. */
	failures: number;
	/** No automatic request before this time of `performance.now()`. */
	notBefore: number;
	/** Stages that start nothing here before it answers: a start has failed since its commits are only there. */
	readonly held: Set<Stage>;
	/** The request in progress: there is one at a time. */
	asking: Promise<void> | undefined;
	/** Why the user's branch does not follow, and since when. */
	left: {readonly step: string; readonly files: readonly string[]; readonly at: number} | undefined;
};

export const createRemoteMemory = (): RemoteMemory => ({
	answeredAt: Number.NEGATIVE_INFINITY,
	problem: '',
	awayAt: 0,
	failures: 0,
	notBefore: 0,
	held: new Set(),
	asking: undefined,
	left: undefined,
});

/** Whether a tested task becomes a pull request, which its forge merges. */
export const opensPulls = ({facts: {config, guardian}}: {readonly facts: Pick<Facts, 'config' | 'guardian'>}): boolean =>
	config.merge === 'pr' && guardian.store.remote !== undefined;

/** Whether a task's work goes to the branch of its feature, for one pull request of all. */
export const gathers = ({facts}: {readonly facts: Pick<Facts, 'config' | 'guardian'>}, {feature}: Pick<Task, 'feature'>): boolean =>
	opensPulls({facts}) && facts.config.prOf === 'feature' && feature !== '';

/** The name of the base for people: `main`, or `origin/main` where merges are pushed there. */
export const baseName = ({facts: {guardian, base}}: {readonly facts: Pick<Facts, 'guardian' | 'base'>}): string =>
	guardian.store.remote ? remoteBase(guardian.store.remote) : base;
