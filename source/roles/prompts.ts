import type {Mode, Permissions} from '../core/agent/agent.ts';
import type {Stage} from '../core/task/task.ts';

/** What an agent CLI is to be told when it starts. */
export type FirstPrompt = {
	readonly stage: Stage;
	/** Absolute path of its brief. */
	readonly briefFile: string;
	/** Its own earlier session continues: it knows the task, and the brief was written again. */
	readonly isResumed: boolean;
	/** Why it continues, in words; '' if it is not known, or where it starts. */
	readonly reason: string;
	/** The program asks it for a structured answer (`core/protocol/answer.ts`). */
	readonly hasAnswer?: boolean;
	/** One prompt, and nobody is there to answer a question on its screen. */
	readonly isHeadless?: boolean;
};

/** One line of plain words: a prompt is an argument, is shown on screens, and may be typed. */
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();

const ENDS: Readonly<Partial<Record<Stage, string>>> = {
	plan: 'hand the plan in with `agent-room report plan FILE`',
	review: 'hand in one verdict with `agent-room report done --verdict`',
	audit: 'hand in one verdict with `agent-room report done --verdict`',
};

const ANSWERS: Readonly<Partial<Record<Stage, string>>> = {
	plan: 'Your final answer, in the form that you are asked for, is the plan: you need not report it besides.',
	review: 'Your final answer, in the form that you are asked for, is the verdict: you need not report it besides.',
	audit: 'Your final answer, in the form that you are asked for, is the verdict: you need not report it besides.',
};

const end = ({stage, hasAnswer}: FirstPrompt): string =>
	(hasAnswer && ANSWERS[stage]) ||
	`When all of it is done, ${ENDS[stage] ?? 'commit, and run `agent-room report done`'}; where you cannot go on, run \`agent-room report blocked\`.`;

const HEADLESS = 'Nobody reads your screen and nobody answers on it: do not stop to ask there.';

/**
 * The first text for an agent CLI, one line that works for all of them: everything that is long, or comes from people and other agents,
 * stands in the brief and not here.
 */
export const firstPrompt = (prompt: FirstPrompt): string => {
	const {briefFile, isResumed, reason, isHeadless} = prompt;
	const why = plain(reason)
		.replace(/[.\s]+$/, '')
		.slice(0, 300);
	const begin = isResumed
		? `You go on with the same task${why === '' ? '' : ` (${why})`}. Your brief was written anew: read the file ${plain(briefFile)} once more, look at what is in the worktree already, and finish what it asks for.`
		: `Read the file ${plain(briefFile)} with your brief and do what it says now, from beginning to end.`;
	return [begin, ...(isHeadless ? [HEADLESS] : []), end(prompt)].join(' ');
};

/** Told once to an agent whose turn ended without a word to the room. */
export const nudgeText = (stage: Stage, hasAnswer = false): string =>
	hasAnswer && ANSWERS[stage] !== undefined
		? `You stopped without the answer. ${ANSWERS[stage]}`
		: `You stopped, and the room does not know whether the task is done. If it is, ${ENDS[stage] ?? 'commit what is not committed, and run `agent-room report done`'}. If something is missing, go on now. If you cannot, run \`agent-room report blocked "REASON"\`; if a person has to decide, run \`agent-room report ask "QUESTION"\`.`;

/** What a superseded agent is told, whichever road it asks by. */
export const SUPERSEDED = 'Stop: your task was taken over by somebody else. Change nothing more; what you committed is kept.';

/** Which program an agent is, and what it may do. */
export type HarnessFacts = {
	readonly mode: Mode;
	readonly permissions: Permissions;
	readonly notes?: readonly string[] | undefined;
	readonly commitsFreely?: boolean | undefined;
};

const TOOLS =
	'Where you have the tools of the MCP server of the room (`progress`, `ask`, `commit`, `done` and others), they do the same as these commands: use them instead, above all `ask`, which waits for a person longer than a command may run.';
const WAITING = 'What you are not allowed to do by yourself waits for a person, perhaps for hours: do it another way where there is one.';
const GIT =
	'Git commands with arguments may need a permission (`git add`, `git commit`, `git show HEAD~1`); `diff`, `log`, `show` and `commit` of the room never do.';
const DENIED = 'What you are not allowed to do is refused, and nobody can be asked: do it another way, or give the task back.';

/** Sentences for an agent's brief about the program that it is, after the commands that it has. */
export const harnessNotes = ({mode, permissions, notes = [], commitsFreely = false}: HarnessFacts): readonly string[] => [
	TOOLS,
	...(permissions === 'full' ? [] : [mode === 'headless' ? DENIED : WAITING, ...(commitsFreely ? [] : [GIT]), ...notes]),
];
