import type {Mode, Permissions} from '../core/agent/agent.ts';
import {forAgents} from '../core/task/handoff-note.ts';
import type {Stage} from '../core/task/task.ts';

export type FirstPrompt = {
	readonly stage: Stage;
	readonly briefFile: string;
	/** True if its earlier session resumes: it knows the task, and the brief was rewritten. */
	readonly isResumed: boolean;
	/** Its worktree, if it continues a copy of a session that began elsewhere; else ''. */
	readonly adoptedIn?: string;
	/** Why it resumes; '' if unknown, or at the first start. */
	readonly reason: string;
	/** The program asks for a structured answer (`core/protocol/answer.ts`). */
	readonly hasAnswer?: boolean;
	/** A single prompt; no one can answer on its screen. */
	readonly isHeadless?: boolean;
};

/** One line of plain text: a prompt is an argument, appears on screens, and may be typed. */
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();

const ENDS: Readonly<Partial<Record<Stage, string>>> = {
	plan: 'submit the plan with `agent-room report plan FILE`',
	review: 'submit one verdict with `agent-room report done --verdict`',
	audit: 'submit one verdict with `agent-room report done --verdict`',
};

const ANSWERS: Readonly<Partial<Record<Stage, string>>> = {
	plan: 'Your final answer, in the requested format, is the plan: do not also report it.',
	review: 'Your final answer, in the requested format, is the verdict: do not also report it.',
	audit: 'Your final answer, in the requested format, is the verdict: do not also report it.',
};

const end = ({stage, hasAnswer}: FirstPrompt): string =>
	(hasAnswer && ANSWERS[stage]) ||
	`When all is done, ${ENDS[stage] ?? 'commit, and run `agent-room report done`'}; if you cannot continue, run \`agent-room report blocked\`.`;

const HEADLESS = 'No one reads or answers on your screen: do not stop to ask there.';

/** The first prompt of an agent CLI, one line that works for all. Long or foreign text is in the brief, not here. */
export const firstPrompt = (prompt: FirstPrompt): string => {
	const {briefFile, isResumed, adoptedIn = '', reason, isHeadless} = prompt;
	const why = forAgents(plain(reason))
		.replace(/[.\s]+$/, '')
		.slice(0, 300);
	const adopted = adoptedIn
		? `You continue the work of this session as a task of agent-room. Work only in ${plain(adoptedIn)}, which has its files: paths from before are another checkout. `
		: '';
	const begin = isResumed
		? `You continue the same task${why === '' ? '' : ` (${why})`}. Your prompt was updated: read the file ${plain(briefFile)} again, check what is in the worktree, and finish the task.`
		: `${adopted}Read the file ${plain(briefFile)} and do all that it says now.`;
	return [begin, ...(isHeadless ? [HEADLESS] : []), end(prompt)].join(' ');
};

/** Sent once to an agent whose turn ended without a report. */
export const nudgeText = (stage: Stage, hasAnswer = false): string =>
	hasAnswer && ANSWERS[stage] !== undefined
		? `You stopped without an answer. ${ANSWERS[stage]}`
		: `You stopped without reporting whether the task is done. If it is, ${ENDS[stage] ?? 'commit all changes, and run `agent-room report done`'}. If something is missing, continue now. If you cannot, run \`agent-room report blocked "REASON"\`. If a human must decide, run \`agent-room report ask "QUESTION"\`.`;

/** Sent to an agent whose task was reassigned, on every channel. */
export const SUPERSEDED = 'Stop: your task was reassigned to another agent. Change nothing more; your commits are kept.';

/** An agent's program and rights. */
export type HarnessFacts = {
	readonly mode: Mode;
	readonly permissions: Permissions;
	readonly notes?: readonly string[] | undefined;
	readonly commitsFreely?: boolean | undefined;
};

const TOOLS =
	"If you have the tools of the room's MCP server (`progress`, `ask`, `commit`, `done` and others), use them instead of these commands, above all `ask`: it can wait longer than a command may run.";
const WAITING = 'An action that you may not do yourself waits for a human, perhaps for hours: prefer another way.';
const GIT =
	"Git commands with arguments may need a permission (`git add`, `git commit`, `git show HEAD~1`); the room's `diff`, `log`, `show` and `commit` never do.";
const DENIED = 'An action that you may not do is refused, and no one can approve it: find another way, or report the task as blocked.';

/** Sentences for the brief about the agent's own program, after its commands. */
export const harnessNotes = ({mode, permissions, notes = [], commitsFreely = false}: HarnessFacts): readonly string[] => [
	TOOLS,
	...(permissions === 'full' ? [] : [mode === 'headless' ? DENIED : WAITING, ...(commitsFreely ? [] : [GIT]), ...notes]),
];
