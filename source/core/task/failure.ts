import type {Agent} from '../agent/agent.ts';
import {plainTextLine} from '../text/quote.ts';
import type {Task} from './task.ts';

/** Failure class; it says what to do. */
export const CAUSES = [
	'rate limit',
	'logged out',
	'context full',
	'out of memory',
	'killed',
	'disk full',
	'tests failed',
	'conflict',
	'changes requested',
	'refused permission',
	'not answered',
	'heartbeat lost',
	'timed out',
	'stalled',
	'stopped by you',
	'gave up',
	'nothing changed',
	'ended with an error',
	'unknown',
] as const;
export type CauseKind = (typeof CAUSES)[number];

/** `isSure`: decided or seen by the room itself; else guessed from a program's output. */
export type Cause = {
	readonly kind: CauseKind;
	readonly isSure: boolean;
	/** The recorded reason, one line. */
	readonly text: string;
};

/** How the room's own sentences begin (`attempt/judge.ts`, `merge/test.ts`, `recovery/sweep.ts` and others write them). */
const OWN: ReadonlyArray<readonly [RegExp, CauseKind]> = [
	[/^rate-limited\b/, 'rate limit'],
	[/^logged out\b/, 'logged out'],
	[/^context full\b/, 'context full'],
	[
		/^(?:tests? fail(?:ed|s)?\b|the tests? (?:run|of)|its tests were|fails its own tests)|: removed from the merge queue\b|^timed out after .* s$/,
		'tests failed',
	],
	[/^conflicts? with\b|^the merge lost\b|^conflict markers left|^unresolved conflicts|^the merge of `/, 'conflict'],
	[/^(?:changes|the review|a review|asked for changes|requested changes)\b/, 'changes requested'],
	[/heartbeat for a whole lease|sent no heartbeat|^its room (?:is|was) /, 'heartbeat lost'],
	[/^took longer than the timeout/, 'timed out'],
	[/^no output\b/, 'stalled'],
	[/^it needed more than its .* of memory/, 'out of memory'],
	[/^it holds .* on disk, more than its limit/, 'disk full'],
	[/^no one (?:answered for|to answer)\b/, 'not answered'],
	[/\bby you\b|^a person\b|^taken (?:from|back) by/, 'stopped by you'],
	[/^blocked: |reports a failure/, 'gave up'],
	[
		/^ended normally but changed nothing|^submitted without a change|^ended without (?:reporting|a)|ended without a (?:verdict|plan)/,
		'nothing changed',
	],
];

/** What programs print when they fail, anywhere in a line. */
const PRINTED: ReadonlyArray<readonly [RegExp, CauseKind]> = [
	[/rate.?limit|usage limit|too many requests|\b429\b|quota|overloaded/i, 'rate limit'],
	[/not logged in|log ?in again|\/login|unauthori[sz]ed|\b401\b|invalid api key|authentication/i, 'logged out'],
	[/context (?:window|length|limit)|prompt is too long|maximum context/i, 'context full'],
	[/out of memory|heap limit|cannot allocate memory|\bENOMEM\b|\bOOM\b/i, 'out of memory'],
	[/no space left|\bENOSPC\b|disk (?:is )?full/i, 'disk full'],
	[/permission denied|not allowed to|\bEACCES\b|was denied|refused by/i, 'refused permission'],
	[/merge conflict|CONFLICT \(/, 'conflict'],
];

const ended = /^(?:exit \d+|killed by SIG\w+)/;

/** Finds the cause from the recorded reason and the last output; undefined without a failure. Pure, so it is the same after a restart. */
export const causeOf = (reason: string, printed: string): Cause | undefined => {
	const text = plainTextLine(reason.trim(), 400);
	if (text === '') return undefined;
	const own = OWN.find(([sign]) => sign.test(text));
	if (own) return {kind: own[1], isSure: true, text};
	const found = PRINTED.find(([sign]) => sign.test(text)) ?? PRINTED.find(([sign]) => sign.test(printed.slice(-2000)));
	if (found) return {kind: found[1], isSure: false, text};
	// SIGKILL names no sender: the kernel when memory is short, or somebody.
	if (/^killed by /.test(text)) return {kind: 'killed', isSure: true, text};
	return ended.test(text) ? {kind: 'ended with an error', isSure: true, text} : {kind: 'unknown', isSure: false, text};
};

/** Returns the cause for an agent in its task, or for a task without one: the agent's own failure comes first. */
export const causeHere = (task: Task | undefined, agent: Agent | undefined, printed = ''): Cause | undefined => {
	const isDown = agent && ['crashed', 'unreachable', 'logged-out', 'rate-limited', 'out-of-context', 'stalled'].includes(agent.status);
	if (isDown && agent.reason !== '') return causeOf(agent.reason, printed);
	return task && task.reason !== '' ? causeOf(task.reason, printed || task.last) : undefined;
};

/** In one line: `rate limit (a guess): exit 1: 429`. */
export const tellCause = ({kind, isSure, text}: Cause): string => `${kind}${isSure || kind === 'unknown' ? '' : ' (a guess)'}: ${text}`;

/** Last clean lines of a task's log, oldest first. `log` is its file name in `logs`, `name` it without the task's; `names`: of all its logs. */
export type LogEnd = {readonly log: string; readonly lines: readonly string[]; readonly name: string; readonly names: readonly string[]};
