import {z} from 'zod';
import {RISKS, riskOf} from '../change/change.ts';
import {mergeQueueIn} from '../queue/merge-queue.ts';
import {whyHere} from '../queue/why.ts';
import {FINAL_STATES, type Stage} from '../task/task.ts';
import type {Inferred} from '../text/inferred.ts';
import {CHECK_NAMES, CHECK_STATES, type Check, checksOf, type Looked} from './checks.ts';

/**
 * `SAFE`: it has passed its tests on the very commit that would land, and nothing speaks against it. `RUNNING`: the tests, or the landing, are at
 * it now. `NOT YET`: everything else.
 */
const VERDICTS = ['SAFE', 'NOT YET', 'RUNNING', 'MERGED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Whether a task may be merged now, as one word with its first reason, and what that follows from; `agent-room explain TASK --json` prints it. */
export const mergeCheckSchema = z.strictObject({
	verdict: z.enum(VERDICTS),
	/** One clause. */
	reason: z.string(),
	/** All six, in their order. */
	checks: z.array(z.strictObject({name: z.enum(CHECK_NAMES), state: z.enum(CHECK_STATES), word: z.string(), text: z.string()})),
	/** Undefined until git has been asked. */
	risk: z.strictObject({level: z.enum(RISKS), text: z.string()}).optional(),
});
export type MergeCheck = Inferred<typeof mergeCheckSchema>;

/** In which order reasons are told: what must come first for the others to matter. */
const REASONS = ['review', 'tests', 'conflicts', 'base', 'secrets', 'scope'] as const;

/** What a task waits for that nothing keeps from going on. */
const READY: Readonly<Record<Stage, string>> = {
	...{plan: 'waits to be planned', develop: 'waits to be taken up', document: 'waits to be taken up', resolve: 'waits to be resolved'},
	...{review: 'waits for a reviewer', audit: 'waits for its audit', test: 'waits for its tests', merge: 'waits to be landed'},
};

const warned = (checks: readonly Check[]): string => {
	const names = checks.filter(({state}) => state === 'warn').map(({name}) => name);
	return names.length === 0 ? 'all six checks are good' : `mind ${names.join(' and ')}`;
};

const judged = (looked: Looked, checks: readonly Check[]): Pick<MergeCheck, 'verdict' | 'reason'> => {
	const {task, team, room, now} = looked;
	if (task.state === 'merged') return {verdict: 'MERGED', reason: `as ${task.mergedCommit.slice(0, 7) || 'nobody knows what'}`};
	const why = whyHere(task, team, now, room);
	if (FINAL_STATES.includes(task.state) || task.firstStage === 'plan') return {verdict: 'NOT YET', reason: why};
	const bad = REASONS.map(name => checks.find(check => check.name === name && check.state === 'bad')).find(check => check !== undefined);
	const isAt = task.state === 'leased' && (task.stage === 'merge' || task.stage === 'test');
	if (isAt) {
		const does =
			task.stage === 'merge' ? 'it lands at this moment' : `tests: ${checks.find(({name}) => name === 'tests')?.text ?? 'running'}`;
		return {verdict: 'RUNNING', reason: bad ? `${does}; but ${bad.name}: ${bad.text}` : does};
	}
	if (bad) return {verdict: 'NOT YET', reason: `${bad.name}: ${bad.text}`};
	const {entries} = mergeQueueIn(team, room.repository?.baseCommit ?? '');
	const at = entries.findIndex(({task: {id}}) => id === task.id);
	const hasPassed = at >= 0 && entries.slice(0, at + 1).every(({state}) => state === 'passed' || state === 'merging');
	// What git was not asked yet is no reason to call it safe.
	const isKnown = checks.every(({state}) => state === 'good' || state === 'warn');
	if (task.stage === 'merge' && hasPassed && task.waitReason === '' && isKnown) return {verdict: 'SAFE', reason: warned(checks)};
	return {verdict: 'NOT YET', reason: why === 'ready' ? READY[task.stage] : why};
};

/**
 * Is it safe to merge? Pure: the same facts give the same answer. It decides nothing: the base moves only to a commit that has passed the tests, and
 * what the repository lets hold a merge is looked for in the candidate itself (`core/merge/approval.ts`), whatever stands here.
 */
export const mergeCheck = (looked: Looked): MergeCheck => {
	const checks = checksOf(looked);
	return {...judged(looked, checks), checks, risk: looked.facts && looked.facts.commit !== '' ? riskOf(looked.facts) : undefined};
};
