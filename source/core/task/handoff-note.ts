import {agentName} from '../agent/agent.ts';
import {formatAge} from '../text/format.ts';
import {plainText, plainTextLine} from '../text/quote.ts';
import type {Stage} from './task.ts';

/** What is known of an attempt that lost its task. */
export type LastAttempt = {
	readonly agent: string;
	readonly stage: Stage;
	readonly attempt: number;
	/** In ms; undefined if unknown. */
	readonly ranMs: number | undefined;
	/** Why the task was reassigned. */
	readonly reason: string;
	/** Its progress reports, oldest first. */
	readonly progress: readonly string[];
	/** Commits that the base lacks, newest first: short id and subject. */
	readonly commits: readonly string[];
	readonly wasDirty: boolean;
	/** The last lines of its screen, oldest first. */
	readonly lastLines: readonly string[];
};

const SCREEN_LINES = 40;
const SCREEN_LENGTH = 4000;
const MOST_COMMITS = 10;
const MOST_PROGRESS = 10;
/** Limit for all attempts together, in characters: the last ones are complete. */
const LONGEST = 12_000;

/** A reason as an agent reads it: `you` is its reader elsewhere. */
export const forAgents = (reason: string): string => reason.replace(/\bby you\b/g, 'by a human');

const list = (title: string, items: readonly string[]): readonly string[] =>
	items.length === 0 ? [] : [title, ...items.map(item => `- ${plainTextLine(item)}`)];

/** The end of a text, starting at a line. */
const endOf = (text: string, length: number): string => (text.length <= length ? text : text.slice(-length).replace(/^[^\n]*\n/, ''));

const tell = ({agent, stage, attempt, ranMs, reason, progress, commits, wasDirty, lastLines}: LastAttempt): string => {
	const span = ranMs === undefined ? '' : ` for ${formatAge(ranMs)}`;
	const screen = endOf(plainText(lastLines.slice(-SCREEN_LINES).join('\n')), SCREEN_LENGTH);
	return [
		`${plainTextLine(agentName(agent))} owned it${span} (${stage}, attempt ${Math.max(1, attempt)}).`,
		`It ended: ${forAgents(plainTextLine(reason, 400)) || 'no reason recorded'}.`,
		...list('Progress reports:', progress.slice(-MOST_PROGRESS)),
		...list('Commits not yet on the base branch, newest first:', commits.slice(0, MOST_COMMITS)),
		...(wasDirty ? ['Its uncommitted changes are committed on top.'] : []),
		...(screen === '' ? [] : ['Last output:', screen]),
	].join('\n');
};

/**
 * Writes the note for a task's next agent: who had it, what was tried, how it ended; earlier notes follow. Plain and bounded, whatever an
 * attempt printed and however often the task is reassigned.
 */
export const handoffNote = (last: LastAttempt, before: string): string => {
	const note = tell(last);
	const room = LONGEST - note.length;
	const earlier = before.slice(0, Math.max(0, room)).replace(/\n[^\n]*$/, '');
	const kept = before.length <= room ? before : earlier;
	return kept.trim() === '' ? note : `${note}\n\nEarlier:\n${kept}`;
};
