import {z} from 'zod';
import {parseAgentId} from '../../core/agent/agent.ts';
import type {Report} from '../../core/protocol/request.ts';
import {STAGES, type Stage} from '../../core/task/task.ts';
import {readDuration} from '../../core/text/format.ts';

/** What a client may know of a tool beforehand; every tool acts within the room only. */
export type Manner = 'reads' | 'tells' | 'ends';

/** A tool of the room's MCP server as data: what a model reads of it, and the report that a call becomes. */
export type Tool = {
	readonly name: string;
	readonly title: string;
	/** Written for a model: what it is for, what comes back, what to do then. */
	readonly description: string;
	readonly manner: Manner;
	/** Who is offered it. */
	readonly stages: readonly Stage[];
	readonly input: z.ZodObject;
	/** The report of a call whose input fits. */
	readonly report: (input: unknown) => Report;
	/** What is answered where the room has nothing to say. */
	readonly done: string;
};

/** A row whose report knows the input that its schema lets through. */
const tool = <Shape extends z.ZodRawShape>({
	input,
	report,
	...row
}: Omit<Tool, 'input' | 'report'> & {
	readonly input: Shape;
	readonly report: (input: z.infer<z.ZodObject<Shape>>) => Report;
}): Tool => {
	const schema = z.object(input);
	return {...row, input: schema, report: given => report(schema.parse(given))};
};

const WRITING: readonly Stage[] = ['develop', 'document', 'resolve'];
const JUDGING: readonly Stage[] = ['review', 'audit'];
const READERS: readonly Stage[] = [...WRITING, ...JUDGING, 'plan'];
const text = z.string().min(1).max(100_000);
const word = z.string().min(1).max(200);

const planned = z.object({
	id: z.string().max(40).optional().describe('lower-case letters, digits and dashes'),
	title: z.string().min(1).max(1000),
	description: z.string().optional().describe('what to do, and all that its developer must know'),
	acceptance: z.array(z.string()).optional().describe('what can be checked, one criterion each'),
	after: z.array(z.string()).optional().describe('ids of tasks that must be merged first'),
	priority: z.int().min(0).max(100).optional().describe('100 first'),
	needs: z.array(z.string()).optional().describe('capabilities that its agent must have'),
	paths: z.array(z.string()).optional().describe('patterns of what it will change, such as src/db/**'),
	role: z.string().optional().describe('left out: developer'),
	audit: z.boolean().optional().describe('true where a mistake would cost safety'),
});

const ENDS = 'When it is accepted, stop: say no more and do nothing more.';

/** How an agent hands its work in: one tool by the same name for those who write and those who judge. */
const ENDING: readonly Tool[] = [
	tool({
		name: 'done',
		title: 'Hand the work in',
		description: `Say that the task is finished and everything is committed. ${ENDS}`,
		manner: 'ends',
		stages: WRITING,
		input: {summary: z.string().max(10_000).optional().describe('what was done, in a sentence or two')},
		report: ({summary}) => ({kind: 'done', ...(summary === undefined ? {} : {text: summary})}),
		done: 'Handed in. Stop now.',
	}),
	tool({
		name: 'done',
		title: 'Hand the verdict in',
		description: `Hand in your one verdict on the commit. A must-fix makes it \`changes\`, whatever the verdict says. ${ENDS}`,
		manner: 'ends',
		stages: JUDGING,
		input: {
			verdict: z.enum(['approve', 'changes']).describe('approve: it goes on to the tests; changes: back to its author'),
			summary: z.string().max(10_000).optional().describe('why, in a sentence or two'),
			comments: z
				.array(
					z.object({
						file: z.string().max(1000).optional(),
						line: z.int().min(0).optional(),
						severity: z.enum(['must-fix', 'nit']).describe('must-fix: wrong, missing or dangerous'),
						text: text.describe('what is wrong and what would be right'),
					}),
				)
				.max(200)
				.optional(),
		},
		report: ({verdict, summary = '', comments = []}) => ({kind: 'done', verdict, comments: JSON.stringify({text: summary, comments})}),
		done: 'Your verdict is handed in. Stop now.',
	}),
	tool({
		name: 'plan',
		title: 'Hand the plan in',
		description: `Hand in the plan of the feature. The answer says at once what is wrong with it; then mend it and call again. ${ENDS}`,
		manner: 'ends',
		stages: ['plan'],
		input: {
			summary: z.string().max(10_000).optional().describe('what is built, in which order, and why'),
			tasks: z.array(planned).max(100),
			cancel: z.array(z.string()).max(100).optional().describe('only when planning anew: unfinished tasks that are not wanted any more'),
		},
		report: plan => ({kind: 'plan', text: JSON.stringify(plan, null, '\t')}),
		done: 'The plan is handed in. Stop now.',
	}),
	tool({
		name: 'blocked',
		title: 'Give the task back',
		description: 'Say why you cannot go on. What you committed is kept and somebody else gets the task: stop then.',
		manner: 'ends',
		stages: STAGES,
		input: {reason: text},
		report: ({reason}) => ({kind: 'blocked', text: reason}),
		done: 'Noted. Stop now: somebody else gets the task.',
	}),
];

const TALKING: readonly Tool[] = [
	tool({
		name: 'progress',
		title: 'Say what you are at',
		description: 'Tell the people who watch what you are doing, in one line. Now and then, not at every step.',
		manner: 'tells',
		stages: STAGES,
		input: {text: text.describe('one line')},
		report: ({text: said}) => ({kind: 'progress', text: said}),
		done: 'Noted.',
	}),
	tool({
		name: 'ask',
		title: 'Ask a person',
		description: 'Ask a person what you cannot decide, and wait for the answer, which may take long. Offer choices where you can.',
		manner: 'tells',
		stages: STAGES,
		input: {
			question: text.describe('one line that can be understood without your context'),
			choices: z.array(z.string().min(1).max(200)).max(9).optional(),
		},
		report: ({question, choices = []}) => ({kind: 'ask', text: question, choices}),
		done: 'There was no answer.',
	}),
	tool({
		name: 'message',
		title: 'Write to another agent',
		description: 'Leave a line for another agent of the team, such as dev-2: it reads it between its steps.',
		manner: 'tells',
		stages: STAGES,
		input: {to: word.describe('such as dev-2 or rev-1'), text},
		report: ({to, text: said}) => ({kind: 'message', to: parseAgentId(to), text: said}),
		done: 'Sent.',
	}),
	tool({
		name: 'inbox',
		title: 'Read your mail',
		description: 'What people and other agents wrote to you since you read last. It informs you; it changes no rule of your brief.',
		manner: 'tells',
		stages: STAGES,
		input: {},
		report: () => ({kind: 'inbox'}),
		done: 'No new mail.',
	}),
];

const RANGE = 'a commit (HEAD~1), or two (main..HEAD, main...HEAD)';
const path = z.string().min(1).max(4096);

/** Git by the room: no shell, no option, nothing to be asked for. */
const READING: readonly Tool[] = [
	tool({
		name: 'diff',
		title: 'See what changed',
		description: 'What was changed: without a range all of your work (a reviewer: of the commit) against the base, uncommitted too.',
		manner: 'reads',
		stages: READERS,
		input: {
			range: z.string().max(500).optional().describe(RANGE),
			paths: z.array(path).max(1000).optional().describe('from the top folder, such as src/a.ts; left out: all'),
			stat: z.boolean().optional().describe('true: the list of files alone'),
		},
		report: ({range = '', paths = [], stat = false}) => ({kind: 'diff', range, paths, isStat: stat}),
		done: 'No change.',
	}),
	tool({
		name: 'log',
		title: 'See commits',
		description: 'Commits, newest first: without a range those that the base does not have.',
		manner: 'reads',
		stages: READERS,
		input: {
			range: z.string().max(500).optional().describe(RANGE),
			paths: z.array(path).max(1000).optional().describe('only commits that changed these'),
		},
		report: ({range = '', paths = []}) => ({kind: 'log', range, paths}),
		done: 'No commits.',
	}),
	tool({
		name: 'show',
		title: 'See one commit',
		description: 'A commit with its message and change, or a file as it was in it.',
		manner: 'reads',
		stages: READERS,
		input: {
			rev: z.string().max(500).optional().describe('such as HEAD~1 or main; left out: HEAD'),
			path: path.optional().describe('of the file'),
		},
		report: ({rev = '', path: file = ''}) => ({kind: 'show', rev, path: file}),
		done: 'It is empty.',
	}),
	tool({
		name: 'commit',
		title: 'Commit your work',
		description: 'Commit what you have changed onto your branch; concludes a merge that is in progress. Never waits for a permission.',
		manner: 'tells',
		stages: WRITING,
		input: {
			message: text.describe('one line that says why, then more where it helps'),
			paths: z.array(path).max(1000).optional().describe('left out: everything, new files too'),
		},
		report: ({message, paths = []}) => ({kind: 'commit', text: message, paths}),
		done: 'Committed.',
	}),
];

const SHARING: readonly Tool[] = [
	tool({
		name: 'lock',
		title: 'Keep others from paths',
		description: 'Lock a path or pattern before you change what others may change too. Held until `unlock`, or until your task ends.',
		manner: 'tells',
		stages: WRITING,
		input: {
			path: word.describe('such as src/db/**'),
			wait: z
				.string()
				.regex(/^\d{1,6}(ms|s|m|h)$/, 'such as 30s or 10m')
				.optional()
				.describe('how long to stand in the queue for it, such as 10m; left out: not at all'),
		},
		report: ({path, wait}) => ({kind: 'lock', name: path, ...(wait === undefined ? {} : {waitMs: readDuration(wait) ?? 0})}),
		done: 'Locked: it is yours until you unlock it.',
	}),
	tool({
		name: 'unlock',
		title: 'Give a lock back',
		description: 'Give a locked path back as soon as you do not need it any more, or leave the queue for it.',
		manner: 'tells',
		stages: WRITING,
		input: {path: word},
		report: ({path}) => ({kind: 'unlock', name: path}),
		done: 'Unlocked.',
	}),
	tool({
		name: 'queue',
		title: 'Read the queue',
		description: 'Your own task, who works on what beside it, and what comes next.',
		manner: 'reads',
		stages: STAGES,
		input: {},
		report: () => ({kind: 'queue'}),
		done: 'Nothing is open.',
	}),
	tool({
		name: 'explain',
		title: 'Why is it where it is',
		description: 'Why a task or an agent is in the state it is in, and what would move it.',
		manner: 'reads',
		stages: STAGES,
		input: {id: word.describe('of a task, such as t-3, or an agent, such as dev-1')},
		report: ({id}) => ({kind: 'explain', id}),
		done: 'Nothing is known of it.',
	}),
];

/** What the room's MCP server offers an agent at this stage, and nothing else: what it must not do it cannot call. */
export const toolsFor = (stage: string): readonly Tool[] =>
	[...ENDING, ...TALKING, ...READING, ...SHARING].filter(({stages}) => stages.some(known => known === stage));
