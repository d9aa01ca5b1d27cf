import type {Stage} from './task.ts';

/** What an agent does with a task of a stage, as a part of a sentence: `reviews t-1`, or `reviews it`. */
export const STAGE_WORDS: Readonly<Record<Stage, {readonly does: (task: string) => string}>> = {
	plan: {does: task => `plans ${task}`},
	develop: {does: task => `works on ${task}`},
	review: {does: task => `reviews ${task}`},
	audit: {does: task => `audits ${task}`},
	test: {does: task => `tests ${task}`},
	resolve: {does: task => (task === 'it' ? 'resolves its conflict' : `resolves the conflict of ${task}`)},
	merge: {does: task => `lands ${task}`},
	document: {does: task => `documents ${task}`},
};
