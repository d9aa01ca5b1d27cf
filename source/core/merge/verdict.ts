import * as z from 'zod';
import {RISKS, riskOf} from '../change/change.ts';
import {mergeQueueIn} from '../queue/merge-queue.ts';
import {whyHere} from '../queue/why.ts';
import {checksState} from '../task/pull.ts';
import {FINAL_STATES, type Stage} from '../task/task.ts';
import type {Inferred} from '../text/inferred.ts';
import {CHECK_NAMES, CHECK_STATES, type Check, checksOf, type Looked} from './checks.ts';

/**
 * `SAFE`: the exact commit to merge passed its tests and nothing objects. `RUNNING`: tests or merge are running. `NOT YET`: everything
 * else.
 */
const VERDICTS = ['SAFE', 'NOT YET', 'RUNNING', 'MERGED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdict on screens and in text; JSON keeps the ids. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
	SAFE: 'READY',
	'NOT YET': 'NOT READY',
	RUNNING: 'RUNNING',
	MERGED: 'MERGED',
};

/** Whether a task may merge now: one word, its first reason and the checks, as `agent-room explain TASK --json` prints them. */
export const mergeCheckSchema = z.strictObject({
	verdict: z.enum(VERDICTS),
	/** One clause. */
	reason: z.string(),
	/** All six, in display order. */
	checks: z.array(z.strictObject({name: z.enum(CHECK_NAMES), state: z.enum(CHECK_STATES), word: z.string(), text: z.string()})),
	/** Undefined until git has answered. */
	risk: z.strictObject({level: z.enum(RISKS), text: z.string()}).optional(),
});
export type MergeCheck = Inferred<typeof mergeCheckSchema>;

/** Order of reasons: those that must be solved first come first. */
const REASONS = ['review', 'tests', 'conflicts', 'base', 'secrets', 'scope'] as const;

/** What the task waits for when nothing blocks it. */
const READY: Readonly<Record<Stage, string>> = {
	...{
		plan: 'waiting to be planned',
		develop: 'waiting for an agent',
		document: 'waiting for an agent',
		resolve: 'waiting for conflict resolution',
	},
	...{review: 'waiting for review', audit: 'waiting for security review', test: 'waiting for tests', merge: 'waiting to merge'},
};

const warned = (checks: readonly Check[]): string => {
	const names = checks.filter(({state}) => state === 'warn').map(({name}) => name);
	return names.length === 0 ? 'all six checks pass' : `warning: ${names.join(' and ')}`;
};

const failing = ({name, text}: Check): string => `${name}${text.startsWith('with ') ? '' : ':'} ${text}`;

const judged = (looked: Looked, checks: readonly Check[]): Pick<MergeCheck, 'verdict' | 'reason'> => {
	const {task, team, room, now} = looked;
	if (task.state === 'merged') return {verdict: 'MERGED', reason: `as ${task.mergedCommit.slice(0, 7) || 'an unknown commit'}`};
	const why = whyHere(task, team, now, room);
	if (FINAL_STATES.includes(task.state) || task.firstStage === 'plan') return {verdict: 'NOT YET', reason: why};
	const bad = REASONS.map(name => checks.find(check => check.name === name && check.state === 'bad')).find(check => check !== undefined);
	// Its forge says what else it needs.
	if (task.decision === 'pull') return {verdict: checksState(task.pull.checks) === 'passed' ? 'SAFE' : 'NOT YET', reason: why};
	const isAt = task.state === 'leased' && (task.stage === 'merge' || task.stage === 'test');
	if (isAt) {
		const does = task.stage === 'merge' ? 'merging now' : `tests: ${checks.find(({name}) => name === 'tests')?.text ?? 'running'}`;
		return {verdict: 'RUNNING', reason: bad ? `${does}, but ${failing(bad)}` : does};
	}
	if (bad) return {verdict: 'NOT YET', reason: failing(bad)};
	const {entries} = mergeQueueIn(team, room.repository?.baseCommit ?? '');
	const at = entries.findIndex(({task: {id}}) => id === task.id);
	const hasPassed = at >= 0 && entries.slice(0, at + 1).every(({state}) => state === 'passed' || state === 'merging');
	// Unknown is not safe.
	const isKnown = checks.every(({state}) => state === 'good' || state === 'warn');
	if (task.stage === 'merge' && hasPassed && task.waitReason === '' && isKnown) return {verdict: 'SAFE', reason: warned(checks)};
	return {verdict: 'NOT YET', reason: why === 'ready' ? READY[task.stage] : why.replace(/^NOT READY: /, '')};
};

/**
 * Says whether a task is safe to merge. Pure, and for display only: the base only moves to a tested commit, and required approvals are
 * checked on the candidate itself (`core/merge/approval.ts`).
 */
export const mergeCheck = (looked: Looked): MergeCheck => {
	const checks = checksOf(looked);
	return {...judged(looked, checks), checks, risk: looked.facts && looked.facts.commit !== '' ? riskOf(looked.facts) : undefined};
};
