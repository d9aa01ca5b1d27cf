import type {Submission} from '../core/coordination.ts';
import {safeId, safePath, safeWord} from './guards.ts';

/** Words as a script takes them: each once, in order, with commas. */
export const joined = (words: readonly string[]): string => [...new Set(words)].map(safeWord).toSorted().join(',');
/** Ids as a script takes them, each once, with commas. */
export const ids = (given: readonly string[]): string => [...new Set(given)].map(safeId).join(',');

/** One task as the scripts `submit` and `plan` take it. */
export const rowOf = (task: Submission): readonly string[] => [
	task.id && safeId(task.id),
	task.title,
	task.brief,
	(task.acceptance ?? [])
		.map(criterion => criterion.replace(/\s+/g, ' ').trim())
		.filter(Boolean)
		.join('\n'),
	task.stage,
	safeWord(task.role),
	String(task.priority),
	joined(task.needs),
	ids(task.after),
	task.feature && safeId(task.feature),
	String(task.attempts),
	task.assigned && safeId(task.assigned),
	(task.paths ?? []).map(safePath).join(','),
	task.audit ? '1' : '',
];
