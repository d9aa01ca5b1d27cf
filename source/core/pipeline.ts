import type {Stage} from './task.ts';

/** What a finished stage means for its task. */
export type Outcome = 'done' | 'changes' | 'failed' | 'conflict' | 'stale-candidate';

type Step = {
	/** The role whose queue the stage is. */
	readonly role: string;
	/** Where a task goes by outcome; `merged` ends it. Outcomes that are not named retry the same stage with backoff. */
	readonly on: Readonly<Partial<Record<Outcome, Stage | 'merged'>>>;
	/** The last part of the seed's message `task:<id>:<word>` when the stage is done. */
	readonly word: string;
};

/**
 * The pipeline of DESIGN section 4 as data. Every stage is claimed, renewed, completed and failed by the same scripts; only this
 * table says what follows. A conflict goes back to the author until there is a conflict-resolver in the team.
 */
export const PIPELINE = {
	plan: {role: 'orchestrator', on: {done: 'develop'}, word: 'planned'},
	develop: {role: 'developer', on: {done: 'review'}, word: 'ready-for-review'},
	review: {role: 'code-sentinel', on: {done: 'test', changes: 'develop'}, word: 'approved'},
	audit: {role: 'security-auditor', on: {done: 'test', changes: 'develop'}, word: 'audited'},
	test: {role: 'test-orchestrator', on: {done: 'merge', failed: 'develop', conflict: 'develop', 'stale-candidate': 'test'}, word: 'tested'},
	resolve: {role: 'conflict-resolver', on: {done: 'review', failed: 'develop'}, word: 'resolved'},
	merge: {role: 'repository-guardian', on: {done: 'merged', conflict: 'develop', 'stale-candidate': 'test'}, word: 'merged'},
	document: {role: 'documentation-writer', on: {done: 'review'}, word: 'documented'},
} as const satisfies Record<Stage, Step>;

/** The stage that follows, with `review` skipped where the config turns it off. Undefined: the same stage again, after a backoff. */
export const nextStage = (stage: Stage, outcome: Outcome, options: {readonly review: boolean}): Stage | 'merged' | undefined => {
	const step: Step = PIPELINE[stage];
	const next = step.on[outcome];
	return next === 'review' && !options.review ? 'test' : next;
};

/** The role whose queue a stage is; a task may name its own role for `develop`. */
export const stageRole = (stage: Stage): string => PIPELINE[stage].role;

/** Stages that begin a piece of work; the others carry on what somebody began. */
const BEGINNINGS: readonly Stage[] = ['plan', 'develop', 'document'];

/** Nobody has begun it yet: a drain hands out no such task, but lets what was begun come to its end. */
export const isNew = (task: {readonly stage: Stage; readonly attempt: number}): boolean =>
	BEGINNINGS.includes(task.stage) && task.attempt === 0;
