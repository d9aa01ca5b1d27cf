import type {Confirm} from './confirm.ts';
import type {CostSort} from './cost.ts';
import type {Editor} from './editor.ts';
import type {Reading, Scroll} from './scroll.ts';
import type {Seen} from './seen.ts';
import type {List} from './state.ts';

export type Dialog =
	| {
			readonly kind: 'peek';
			/** Row of the Agents panel, or `hold:<task>`. */
			readonly row: string;
			/** The question on the card, '' where there is none. An answer goes to this one and no other. */
			readonly questionId: string;
			/** When the card was painted, 0 before: what is typed until then is dropped. */
			readonly paintedAt: number;
			readonly reply: Editor;
			/** Rows of what it is about that are above the first one shown. */
			readonly scroll: number;
	  }
	| {readonly kind: 'form'}
	| {readonly kind: 'settings'; readonly index: number}
	/** `others`: who is stopped as well, where rows are marked. */
	| {readonly kind: 'stop'; readonly agent: string; readonly others: readonly string[]}
	/** `others`: tasks that go to the chosen agent as well, where rows are marked. */
	| {readonly kind: 'reassign'; readonly task: string; readonly others: readonly string[]; readonly chosen: string}
	| Confirm
	| {readonly kind: 'copy'; readonly index: number}
	| {readonly kind: 'recruit'; readonly index: number}
	| {readonly kind: 'ask'; readonly text: Editor}
	| {readonly kind: 'unlock'; readonly name: string}
	| {readonly kind: 'quit'}
	| {readonly kind: 'frozen'; readonly at: number}
	/** Which agents go on after a freeze, by id; `at`: since when all is frozen. */
	| {readonly kind: 'thaw'; readonly marked: readonly string[]; readonly index: number; readonly at: number}
	| {readonly kind: 'kill-all'}
	| Menu
	/** Of a list, or of the page on top. */
	| {readonly kind: 'filter'; readonly list: List | 'page'; readonly text: Editor}
	| {readonly kind: 'goto'; readonly text: Editor}
	| {readonly kind: 'lesson'; readonly agent: string}
	| {readonly kind: 'cancel'; readonly task: string}
	| {readonly kind: 'replan'; readonly feature: string}
	| {readonly kind: 'cost'; readonly sort: CostSort}
	/** A line in the cost, in dollars. */
	| {readonly kind: 'budget'; readonly sort: CostSort; readonly text: Editor}
	| {readonly kind: 'bounce'; readonly task: string}
	| {readonly kind: 'revert'; readonly task: string}
	/** What changed since `seen`. */
	| {readonly kind: 'changes'; readonly index: number; readonly seen: Seen}
	/** The end of what a task's tests or its agent printed, with the cause of its failure. */
	| LogDialog
	/** On a place of a change; `quote`: what stands there. */
	| {
			readonly kind: 'comment';
			readonly task: string;
			readonly file: string;
			readonly line: number;
			readonly quote: string;
			readonly severity: 'must-fix' | 'nit';
	  }
	| {readonly kind: 'merge'; readonly task: string}
	/** What is looked for in a pane: from where, and what stood there before. */
	| {readonly kind: 'search'; readonly text: Editor; readonly from: Reading; readonly before: Scroll}
	| Decision;

/** All keys, or all commands: filtered while one types, and run by enter in the context that they lie over. */
export type Menu = {
	readonly kind: 'help' | 'palette';
	readonly filter: Editor;
	/** Of the marked row among those that the filter leaves. */
	readonly index: number;
	/** The dialog that it covers, to which it leads back. */
	readonly over: Dialog | undefined;
};

/** `agent` or `task` may be ''. `up`: lines below the last one shown, 0 follows. */
export type LogDialog = {
	readonly kind: 'log';
	readonly task: string;
	readonly agent: string;
	readonly up: number;
	readonly isWrapped: boolean;
};

/** The dialogs in which a person decides what a task asks: its plan, or whether work goes on. */
export type Decision = {
	readonly kind: 'plan' | 'decide';
	readonly task: string;
	/** Of the chosen task in the plan. */
	readonly index: number;
	readonly scroll: number;
	/** When what is to be decided was painted, 0 before: keys typed until then are dropped. */
	readonly paintedAt: number;
	/** Words of a rejection are being written. */
	readonly isWriting: boolean;
	/** The decision is on its way; the dialog closes when the task asks no longer. */
	readonly isSent: boolean;
};
