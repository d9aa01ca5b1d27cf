import type {AtBudget} from './budget.ts';

/** Everything that a person, a script or the screen can ask of the room. */
export type Action =
	| ({readonly type: 'add-task'} & NewTask)
	| {readonly type: 'add-plan'; readonly tasks: readonly NewTask[]}
	| {readonly type: 'pause-agent'; readonly agent: string}
	| {readonly type: 'resume-agent'; readonly agent: string}
	| {readonly type: 'pause-all'}
	| {readonly type: 'resume-all'}
	| {readonly type: 'drain'; readonly on: boolean}
	| {readonly type: 'freeze'; readonly on: boolean}
	/** Millionths of a dollar, 0 for none; what is left out stays as it is. */
	| {readonly type: 'budget'; readonly micros?: number; readonly reached?: AtBudget}
	| {readonly type: 'reassign-task'; readonly task: string; readonly agent?: string}
	| {readonly type: 'release-task'; readonly task: string}
	| {readonly type: 'cancel-task'; readonly task: string; readonly by?: string}
	| {readonly type: 'requeue-task'; readonly task: string}
	/** Again from a clean worktree: what was made so far stays on its branch and is not gone on with. */
	| {readonly type: 'retry-task'; readonly task: string}
	/** `task` comes before `other` in the queue. */
	| {readonly type: 'move-task'; readonly task: string; readonly before: string}
	/** 0 to 100. */
	| {readonly type: 'prioritise-task'; readonly task: string; readonly priority: number}
	/** About a place of its change; `file` '' and `line` 0 where it is about none. */
	| {
			readonly type: 'remark';
			readonly task: string;
			readonly file: string;
			readonly line: number;
			readonly severity: 'must-fix' | 'nit';
			readonly text: string;
	  }
	/** As soon as its tests have passed, before others; a landing that waits is tried again. */
	| {readonly type: 'merge-task'; readonly task: string}
	/** Its merge is built anew on the base as it is now, and tested again. */
	| {readonly type: 'rebuild-task'; readonly task: string}
	/** What it has landed is taken back, as a task of its own. */
	| {readonly type: 'revert-task'; readonly task: string}
	/** It goes on without `without`, which it waits for and which will not be merged any more. */
	| {readonly type: 'free-task'; readonly task: string; readonly without: string}
	/** Decides what a task asks (`Task.asks`); `plan` is the text of an edited plan, taken in place of the proposed one. */
	| {readonly type: 'accept'; readonly task: string; readonly plan?: string}
	| {readonly type: 'reject'; readonly task: string; readonly reason: string}
	/** Handed-in work goes back to its author with these words. */
	| {readonly type: 'bounce-task'; readonly task: string; readonly reason: string}
	/** A new plan for a running feature; `text` says what changed, '' for nothing in particular. */
	| {readonly type: 'replan'; readonly feature: string; readonly text: string}
	| {readonly type: 'unlock'; readonly name: string}
	/** Lifts the wait of an account that was refused for now. */
	| {readonly type: 'unbrake'; readonly account: string}
	| {readonly type: 'message'; readonly agent: string; readonly text: string}
	| {readonly type: 'stop-agent'; readonly agent: string; readonly how: 'interrupt' | 'stop' | 'kill'}
	| {readonly type: 'kill-all'}
	/** One more like those of the configuration's team; `harness` '' for the first of the role. For the life of the room. */
	| {readonly type: 'add-agent'; readonly role: string; readonly harness: string}
	/** It leaves the team after its task, for the life of the room. */
	| {readonly type: 'retire-agent'; readonly agent: string}
	/** Ends a freeze for these agents alone; the others are paused. */
	| {readonly type: 'resume-only'; readonly agents: readonly string[]}
	/** Ends a freeze by ending the turns that it holds. */
	| {readonly type: 'interrupt-all'}
	| {readonly type: 'answer'; readonly agent: string; readonly questionId: string; readonly choice?: number; readonly text?: string}
	/** `turns`: as soon as no turn runs any more; `kill`: agents get no time to end. */
	| {readonly type: 'stop-room'; readonly how?: 'now' | 'turns' | 'kill'}
	/** Asks a Redis that is away again now. */
	| {readonly type: 'reconnect'}
	| {readonly type: 'detach-all'};

/** A task as a person or a plan file gives it. `after` names tasks by id, also ones of the same plan. */
export type NewTask = {
	readonly title: string;
	readonly id?: string;
	readonly brief?: string;
	/** 0 to 100, 50 by default. */
	readonly priority?: number;
	readonly role?: string;
	readonly needs?: readonly string[];
	readonly after?: readonly string[];
	/** Patterns of the paths it will touch; it waits while somebody else holds a lock over one of them. */
	readonly paths?: readonly string[];
	readonly feature?: boolean;
	/** The feature that it is a part of, by name. */
	readonly of?: string;
	/** What must hold for it to be done, one criterion each. */
	readonly acceptance?: readonly string[];
	/** Wants an audit, whatever its changes touch. */
	readonly audit?: boolean;
	/** The only agent that may claim it. */
	readonly assigned?: string;
};

/** A refusal that one can expect is a value: what happened, naming the value in backticks, and what to do next. */
export type Refusal = {readonly ok: false; readonly code: string; readonly message: string; readonly hint: string};
export type ActionResult = {readonly ok: true; readonly text: string; readonly ids?: readonly string[]} | Refusal;

export const refusal = (code: string, message: string, hint = ''): Refusal => ({ok: false, code, message, hint});
