import {FIRST_STAGES, type FirstStage, type Stage, type Task} from './task.ts';

export type Outcome = 'done' | 'changes' | 'failed' | 'conflict' | 'stale-candidate';

/** A task's next stage; `home` is its first one. */
type Way = Stage | 'home' | 'merged';

type Step = {
	/** The role whose queue the stage is. */
	readonly role: string;
	/** Next stage by outcome; `merged` ends the task. Other outcomes retry the stage with backoff. */
	readonly on: Readonly<Partial<Record<Outcome, Way>>>;
	/** The last part of the message `task:<id>:<word>` when the stage is done. */
	readonly word: string;
};

/**
 * The pipeline of DESIGN section 4 as data. All stages share the same scripts; only this table says what follows. A finished review leads
 * to the audit if required; a conflict to its author if the team has no conflict resolver. A plan ends with the step that creates its tasks
 * (`Coordination.plan`); a task whose plan failed is developed as it is.
 */
export const PIPELINE = {
	plan: {role: 'orchestrator', on: {done: 'develop'}, word: 'planned'},
	develop: {role: 'developer', on: {done: 'review'}, word: 'ready-for-review'},
	review: {role: 'code-sentinel', on: {done: 'test', changes: 'home'}, word: 'approved'},
	audit: {role: 'security-auditor', on: {done: 'test', changes: 'home'}, word: 'audited'},
	test: {role: 'test-orchestrator', on: {done: 'merge', failed: 'home', conflict: 'resolve', 'stale-candidate': 'test'}, word: 'tested'},
	resolve: {role: 'conflict-resolver', on: {done: 'review', failed: 'home'}, word: 'resolved'},
	merge: {role: 'repository-guardian', on: {done: 'merged', conflict: 'resolve', 'stale-candidate': 'test'}, word: 'merged'},
	document: {role: 'documentation-writer', on: {done: 'review'}, word: 'documented'},
} as const satisfies Record<Stage, Step>;

/** The parts of a task that decide its next stage. */
export type Standing = {readonly stage: Stage; readonly firstStage: FirstStage; readonly audit: boolean};
/** Whether work is reviewed, and whether the team has a conflict resolver; otherwise the author resolves. */
export type Ways = {readonly review: boolean; readonly hasResolver: boolean};

/** Returns the next stage. `review: off` skips the review, never an audit. Undefined: the same stage again, after a backoff. */
export const nextStage = ({stage, firstStage, audit}: Standing, outcome: Outcome, ways: Ways): Stage | 'merged' | undefined => {
	const step: Step = PIPELINE[stage];
	const next = step.on[outcome];
	if (next === 'home' || (next === 'resolve' && !ways.hasResolver)) return firstStage;
	const judged = next === 'review' && !ways.review ? 'test' : next;
	return judged === 'test' && outcome === 'done' && audit && stage !== 'audit' ? 'audit' : judged;
};

/** Returns the role of a stage's queue; a task may name its own role for `develop`. */
export const stageRole = (stage: Stage): string => PIPELINE[stage].role;

/** Returns the role of the next stage, '' at the end: a custom role gets back what it started. */
export const nextRole = (next: Stage | 'merged', {firstStage, firstRole}: Pick<Task, 'firstStage' | 'firstRole'>): string => {
	if (next === 'merged') return '';
	return (next === firstStage && firstRole) || stageRole(next);
};

/** Whether no agent started it: a drain stops such tasks and finishes the others. */
export const isNew = (task: {readonly stage: Stage; readonly attempt: number}): boolean =>
	FIRST_STAGES.some(firstStage => firstStage === task.stage) && task.attempt === 0;

/** What an agent does in a stage, as part of a sentence: `reviews t-1`, or `reviews it`. */
export const STAGE_WORDS: Readonly<Record<Stage, {readonly does: (task: string) => string}>> = {
	plan: {does: task => `plans ${task}`},
	develop: {does: task => `works on ${task}`},
	review: {does: task => `reviews ${task}`},
	audit: {does: task => `audits ${task}`},
	test: {does: task => `tests ${task}`},
	resolve: {does: task => (task === 'it' ? 'resolves its conflict' : `resolves the conflict of ${task}`)},
	merge: {does: task => `merges ${task}`},
	document: {does: task => `documents ${task}`},
};

/** A kind of agent. A role is data: its stages are its queues, its prefix forms agent ids. */
export type Role = {
	readonly name: string;
	/** In agent ids: `agent:<prefix>:001`. Letters only. */
	readonly prefix: string;
	readonly stages: readonly Stage[];
	/** True if this role's commits are merged. Other roles get a worktree whose changes are discarded. */
	readonly writes: boolean;
	/** The room's program that runs in its pane instead of an agent CLI. */
	readonly program?: 'test' | 'merge';
	/** The first text for its agents: a Markdown template (`roles/placeholders.ts`). */
	readonly prompt: string;
};

/** A configured role: a new prompt for a built-in one; for a custom one also its first stage and agent names. */
export type RoleChange = {
	readonly prompt?: string | undefined;
	readonly prefix?: string | undefined;
	readonly stages?: readonly FirstStage[] | undefined;
};
