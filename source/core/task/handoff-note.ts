import {agentName} from '../agent/agent.ts';
import {formatAge} from '../text/format.ts';
import {plainText, plainTextLine} from '../text/quote.ts';
import type {Stage} from './task.ts';

/** What is known of an attempt that a task is taken away from. */
export type LastAttempt = {
	readonly agent: string;
	readonly stage: Stage;
	readonly attempt: number;
	/** How long it worked, ms; undefined where nobody knows. */
	readonly ranMs: number | undefined;
	/** Why it changes hands, in words. */
	readonly reason: string;
	/** What it said on the way, oldest first. */
	readonly progress: readonly string[];
	/** Commits that the base has not, newest first: short id and subject. */
	readonly commits: readonly string[];
	readonly wasDirty: boolean;
	/** The end of its screen, oldest first. */
	readonly lastLines: readonly string[];
};

const SCREEN_LINES = 40;
const SCREEN_LENGTH = 4000;
const MOST_COMMITS = 10;
const MOST_PROGRESS = 10;
/** All attempts together, characters: the last ones are told whole. */
const LONGEST = 12_000;

const list = (title: string, items: readonly string[]): readonly string[] =>
	items.length === 0 ? [] : [title, ...items.map(item => `- ${plainTextLine(item)}`)];

/** The end of a text, from the beginning of a line on. */
const endOf = (text: string, length: number): string => (text.length <= length ? text : text.slice(-length).replace(/^[^\n]*\n/, ''));

const tell = ({agent, stage, attempt, ranMs, reason, progress, commits, wasDirty, lastLines}: LastAttempt): string => {
	const span = ranMs === undefined ? '' : ` for ${formatAge(ranMs)}`;
	const screen = endOf(plainText(lastLines.slice(-SCREEN_LINES).join('\n')), SCREEN_LENGTH);
	return [
		`${plainTextLine(agentName(agent))} had it${span} (${stage}, attempt ${Math.max(1, attempt)}).`,
		`It ended: ${plainTextLine(reason, 400) || 'nobody knows why'}.`,
		...list('Said on the way:', progress.slice(-MOST_PROGRESS)),
		...list('Commits that are not on the base yet, newest first:', commits.slice(0, MOST_COMMITS)),
		...(wasDirty ? ['What it had left uncommitted is committed on top.'] : []),
		...(screen === '' ? [] : ['Last on its screen:', screen]),
	].join('\n');
};

/**
 * The note that goes with a task to whoever has it next: who had it, what was tried, how it ended; what earlier ones left stands behind it. Plain
 * and bounded, however much an attempt printed and however often the task changes hands.
 */
export const handoffNote = (last: LastAttempt, before: string): string => {
	const note = tell(last);
	const room = LONGEST - note.length;
	const earlier = before.slice(0, Math.max(0, room)).replace(/\n[^\n]*$/, '');
	const kept = before.length <= room ? before : earlier;
	return kept.trim() === '' ? note : `${note}\n\nBefore that:\n${kept}`;
};
