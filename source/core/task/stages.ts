import {FIRST_STAGES, type FirstStage, type Stage, type Task} from './task.ts';

/** What a finished stage means for its task. */
export type Outcome = 'done' | 'changes' | 'failed' | 'conflict' | 'stale-candidate';

/** Where a task goes; `home` is the stage it began with. */
type Way = Stage | 'home' | 'merged';

type Step = {
	/** The role whose queue the stage is. */
	readonly role: string;
	/** Where a task goes by outcome; `merged` ends it. Outcomes that are not named retry the same stage with backoff. */
	readonly on: Readonly<Partial<Record<Outcome, Way>>>;
	/** The last part of the seed's message `task:<id>:<word>` when the stage is done. */
	readonly word: string;
};

/**
 * The pipeline of DESIGN section 4 as data. Every stage is claimed, renewed, completed and failed by the same scripts; only this table says
 * what follows. A review that is done leads to the audit where the task wants one; a conflict to its author where nobody resolves. A plan
 * ends by the step that creates its tasks (`Coordination.plan`); one of which nothing came is developed as it stands.
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

/** Of a task, what decides where it goes. */
export type Standing = {readonly stage: Stage; readonly firstStage: FirstStage; readonly audit: boolean};
/** Whether finished work is reviewed, and whether somebody in the team resolves conflicts; without one the author does. */
export type Ways = {readonly review: boolean; readonly hasResolver: boolean};

/** The stage that follows. `review: off` skips the review, never an audit. Undefined: the same stage again, after a backoff. */
export const nextStage = ({stage, firstStage, audit}: Standing, outcome: Outcome, ways: Ways): Stage | 'merged' | undefined => {
	const step: Step = PIPELINE[stage];
	const next = step.on[outcome];
	if (next === 'home' || (next === 'resolve' && !ways.hasResolver)) return firstStage;
	const judged = next === 'review' && !ways.review ? 'test' : next;
	return judged === 'test' && outcome === 'done' && audit && stage !== 'audit' ? 'audit' : judged;
};

/** The role whose queue a stage is; a task may name its own role for `develop`. */
export const stageRole = (stage: Stage): string => PIPELINE[stage].role;

/** Whose queue the next stage of a task is, '' where it ends: a role of the configuration gets back what it began. */
export const nextRole = (next: Stage | 'merged', {firstStage, firstRole}: Pick<Task, 'firstStage' | 'firstRole'>): string => {
	if (next === 'merged') return '';
	return (next === firstStage && firstRole) || stageRole(next);
};

/** Nobody has begun it yet: a drain hands out no such task, but lets what was begun come to its end. */
export const isNew = (task: {readonly stage: Stage; readonly attempt: number}): boolean =>
	FIRST_STAGES.some(firstStage => firstStage === task.stage) && task.attempt === 0;

/** What an agent does with a task of a stage, as a part of a sentence: `reviews t-1`, or `reviews it`. */
export const STAGE_WORDS: Readonly<Record<Stage, {readonly does: (task: string) => string}>> = {
	plan: {does: task => `plans ${task}`},
	develop: {does: task => `works on ${task}`},
	review: {does: task => `reviews ${task}`},
	audit: {does: task => `audits ${task}`},
	test: {does: task => `tests ${task}`},
	resolve: {does: task => (task === 'it' ? 'resolves its conflict' : `resolves the conflict of ${task}`)},
	merge: {does: task => `lands ${task}`},
	document: {does: task => `documents ${task}`},
};

/** What a kind of agent is for. A role is data: its stages are its queues, its short name makes its agents' ids. */
export type Role = {
	readonly name: string;
	/** Of its agents' ids: `agent:<short>:001`. Letters only. */
	readonly prefix: string;
	readonly stages: readonly Stage[];
	/** What it commits travels on. The others work in a tree of their own of which nothing is ever taken. */
	readonly writes: boolean;
	/** Where its work is a program of the room, which one runs in its pane. */
	readonly program?: 'test' | 'merge';
	/** The first text that its agents get: a template in Markdown (`roles/placeholders.ts`). */
	readonly prompt: string;
};

/** What a configuration says of a role: of one of the eight another brief, of one of its own where its tasks begin and how its agents are called. */
export type RoleChange = {
	readonly prompt?: string | undefined;
	readonly prefix?: string | undefined;
	readonly stages?: readonly FirstStage[] | undefined;
};
