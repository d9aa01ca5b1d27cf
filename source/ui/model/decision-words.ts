import type {NeededDecision} from '../../core/task/task.ts';

/** What a decision's two answers are called, what each does, and what the text with the second is called. */
type Words = {
	readonly yes: string;
	readonly no: string;
	readonly means: readonly [yes: string, no: string];
	/** Its state, and the same beside a mark. */
	readonly state: string;
	readonly mark: string;
	/** What is needed of the reader. */
	readonly needs: string;
	/** Asked for above the input of the second answer's text. */
	readonly ask: string;
	/** Said of an empty text. */
	readonly empty: string;
	/** Said while the answers are on their way. */
	readonly sending: readonly [yes: string, no: string];
};

const USUAL = {
	yes: 'approve',
	no: 'request changes',
	state: 'needs approval',
	mark: 'approval',
	needs: 'your approval',
	ask: 'What is still wrong? The next agent gets your comment.',
	empty: 'Say what is wrong.',
	sending: ['approving…', 'requesting changes…'],
} as const;

export const DECISION_WORDS: Readonly<Record<NeededDecision, Words>> = {
	plan: {...USUAL, means: ['its tasks are created', 'its planner gets your comment']},
	rounds: {...USUAL, means: ['its tests run next', 'its agent gets your comment; review rounds start over']},
	checks: {...USUAL, means: ['this commit merges once its tests pass', 'its author gets your comment and the findings']},
	returns: {
		...USUAL,
		yes: 'restore',
		no: 'leave out',
		means: ['the reverted commits too, once the tests pass', 'keep only its own commits; review and test them again'],
		sending: ['restoring…', 'leaving out…'],
	},
	unmerged: {
		...USUAL,
		yes: 'merge again',
		no: 'cancel task',
		means: ['test on the current base branch first', 'its branch stays'],
		sending: ['merging again…', 'cancelling…'],
	},
	named: {
		...USUAL,
		yes: 'merged',
		no: 'not merged',
		means: ['that commit is its merge', 'that commit is something else; the task continues'],
		sending: ['counting it as merged…', 'continuing…'],
	},
	pull: {
		...USUAL,
		yes: 'merge',
		means: ['once it may be; the room checks its head first', 'its author gets your comment and those not passed on yet'],
	},
	closed: {...USUAL, yes: 'open again', means: ['the same pull request, with the present work', 'its author gets your comment']},
	dropped: {...USUAL, means: ['accept what was dropped; review and tests follow', 'the conflict is resolved again with your comment']},
	blocked: {
		yes: 'continue',
		no: 'answer',
		means: ['it is solved; an agent continues from where it stopped', 'the same, and the agent gets your answer'],
		state: 'blocked',
		mark: 'blocked',
		needs: 'your answer',
		ask: 'Your answer: the next agent gets it with the task.',
		empty: 'Type your answer first.',
		sending: ['continuing…', 'sending your answer…'],
	},
};

/** The words for a task's decision; those of an approval for a task that needs none any more. */
export const decisionWords = (task: {readonly decision: NeededDecision | ''} | undefined): Words =>
	DECISION_WORDS[task?.decision || 'rounds'];

/** Why a task needs a decision, where its state stands beside it: what blocks it names that itself. */
export const withoutState = (task: {readonly decision: NeededDecision | ''}, why: string): string => {
	const {state} = decisionWords(task);
	return why.startsWith(`${state}: `) ? why.slice(state.length + 2) : why;
};

/** `needs approval: merge it anyway?`: what a task needs, and why. */
export const neededText = (task: {readonly decision: NeededDecision | ''}, why: string): string =>
	`${decisionWords(task).state}: ${withoutState(task, why)}`;
