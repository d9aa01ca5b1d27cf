import type {Stage} from '../../source/core/task/task.ts';
import type {Call, Completed, Completion, Coordination, Lease} from '../../source/core/team/coordination.ts';
import {RedisLost} from '../../source/redis/errors.ts';
import type {Agent} from './agent.ts';
import {type Act, writeLine} from './ledger.ts';
import {type Plan, type ROLES, workOf} from './plan.ts';
import type {Random} from './random.ts';

export type Attempt = Lease & {readonly stage: Stage; readonly commit: string};

export const STAGE_OF: Readonly<Record<(typeof ROLES)[number], Stage>> = {
	developer: 'develop',
	'code-sentinel': 'review',
	'repository-guardian': 'merge',
};

export type RoomPaths = {
	readonly team: Coordination;
	readonly agent: Agent;
	readonly plan: Plan;
	readonly random: Random;
	readonly ledger: string;
	readonly retryUntilWritten: <T>(write: () => Promise<T>) => Promise<T>;
	/** Writes a commit that names task and token. */
	readonly commits: (task: string, token: string) => Promise<string>;
	/** Lands one; returns what is landed then. */
	readonly mergeCandidate: (task: string, commit: string) => Promise<string>;
	/** What the agent takes its next task with, in the step that completes this one; undefined where it asks by itself. */
	readonly nextCall: Call | undefined;
};

/** Of all attempts so many fail, and of all reviews so many ask for changes: tasks that go back are part of the traffic. */
const FAILING = 0.03;

const NEXT = {
	develop: {next: 'review', nextRole: 'code-sentinel'},
	review: {next: 'merge', nextRole: 'repository-guardian'},
	merge: {next: 'merged', nextRole: ''},
} as const;

/**
 * One attempt from its claim to its answer. The room holds on to a result until Redis has answered, and never looks whether its lease still
 * stands: a room that was stopped for longer than its lease delivers what its agents did meanwhile, and the token alone decides. Returns the
 * answer of a completion that was accepted.
 */
export const runAttempt = async (
	attempt: Attempt,
	{team, agent, plan, random, ledger, retryUntilWritten, commits, mergeCandidate, nextCall}: RoomPaths,
): Promise<Extract<Completed, {code: 'ok'}> | undefined> => {
	const {task, token, stage} = attempt;
	if (stage !== 'develop' && stage !== 'review' && stage !== 'merge') throw new Error(`the stage ${stage} is no part of the soak`);
	let mayHaveCounted = false;
	const ask = <Answer>(write: () => Promise<Answer>): Promise<Answer> =>
		retryUntilWritten(() =>
			write().catch((error: unknown) => {
				mayHaveCounted ||= error instanceof RedisLost && error.wasSent;
				throw error;
			}),
		);
	const hasFinished = await agent.work(task, token, stage, workOf(plan, random, stage));
	if (!hasFinished) {
		await ask(() => team.reclaim({task, token, reason: 'its process died', isProven: true, counts: true, delayMs: 0, fields: {}}));
		return undefined;
	}
	if (stage === 'develop' && (task.startsWith('x') || random.next() < FAILING)) {
		await ask(() => team.fail({...attempt, reason: 'it does not work', feedback: '', delayMs: random.between(0, 200), fields: {}}));
		return undefined;
	}
	const complete = (more: Pick<Completion, 'next' | 'nextRole' | 'fields' | 'counts'>) =>
		ask(() => team.complete({task, agent: agent.id, token, stage, word: 'done', delayMs: 0, text: '', nextCall, ...more}));
	const write = (act: Act): void => writeLine(ledger, act, task, {token, stage, agent: agent.id});
	const refuse = (): void => write(mayHaveCounted ? 'unheard' : 'refused');
	if (stage === 'merge') {
		// Asked before anything that cannot be taken back; between this look and the landing the ref itself keeps a second one out.
		if ((await ask(() => team.renew(attempt, plan.leaseMs))) !== 'ok') {
			refuse();
			return undefined;
		}
		mayHaveCounted = false;
		const mergedCommit = await mergeCandidate(task, attempt.commit);
		if (mergedCommit !== attempt.commit) throw new Error(`${task} is landed as ${mergedCommit}, not as ${attempt.commit}`);
	}
	const wantsChanges = stage === 'review' && random.next() < FAILING;
	const answer = wantsChanges
		? await complete({next: 'develop', nextRole: 'developer', fields: {}, counts: 'rounds'})
		: await complete({...NEXT[stage], fields: stage === 'develop' ? {commit: await commits(task, token)} : {}, counts: 'none'});
	if (answer.code === 'refused') throw new Error(answer.reason);
	if (answer.code !== 'ok') {
		refuse();
		return undefined;
	}
	write('accepted');
	return answer;
};
