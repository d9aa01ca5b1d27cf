import type {Comment} from './step.ts';

/** A reviewer's comments in the form in which they are handed in: `path:line: must-fix|nit: text`, one a line; free text as it is. */
export const commentText = (comments: string | readonly Comment[] | undefined): string | undefined =>
	comments === undefined || typeof comments === 'string'
		? comments
		: comments.map(({file, line, severity, text}) => `${file}:${line}: ${severity}: ${text}`).join('\n');
