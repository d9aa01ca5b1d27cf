import type {Command} from '../parse/command.ts';

/** `agent-room report` as data, apart from what runs it: the small program of agents reads the same row as the whole command line. */
export const REPORT_ROW = {
	name: 'report',
	group: 'agents',
	arguments: 'WORD [TEXT ...]',
	takes: [1, 3],
	summary: 'what an agent tells the room, from inside its pane',
	flags: {
		verdict: {type: 'string', value: 'approve|changes', summary: "a reviewer's answer (with `done`)"},
		comments: {type: 'string', value: 'FILE', summary: 'what to change (with `done`); `-` is stdin'},
		wait: {type: 'string', value: 'TIME', summary: 'stand in the queue that long (with `lock`), such as 10m'},
		usd: {type: 'string', value: 'USD', summary: 'what was spent since the last report (with `cost`)'},
		in: {type: 'string', value: 'N', summary: 'tokens read since then (with `cost`)'},
		cached: {type: 'string', value: 'N', summary: 'of these, those that a cache gave (with `cost`)'},
		out: {type: 'string', value: 'N', summary: 'tokens written since then (with `cost`)'},
		choice: {type: 'string', isMultiple: true, value: 'TEXT', summary: 'a possible answer (with `ask`), may be repeated'},
	},
	examples: [
		'agent-room report progress "tests pass, writing docs"',
		'agent-room report ask "Which index?" --choice title --choice date',
		'agent-room report done --verdict changes --comments review.md',
		'agent-room report lock "src/db/**" --wait 10m',
	],
	details: [
		'done [TEXT]         the work is finished',
		'plan FILE           a plan for the feature; says at once what is wrong with it',
		'progress TEXT       what is being done',
		'blocked TEXT        it cannot go on, and why; an end after that is a failure',
		'ask TEXT            waits for a person, prints the answer',
		'message AGENT TEXT  a word to another agent',
		'inbox               what others wrote to it, as far as it is not read',
		'queue               its own task, and what else is open',
		'explain TASK|AGENT  why it is where it is',
		'cost                what was spent since the last report: --usd, --in, --out',
		'lock PATH           keeps others from a part of the tree, such as src/db/**',
		'unlock PATH         gives it back, or leaves the queue',
		'Exit 1 with `stale`: the task was given to somebody else. Stop working on it.',
	],
} as const satisfies Omit<Command, 'load'>;
