import type {ActionResult} from '../core/action.ts';

/** What came of many orders at once, in one line: `3 paused, 1 was gone`, or why the others were refused. */
export const tellAll = (results: readonly ActionResult[], word: string): {readonly text: string; readonly isBad: boolean} => {
	const refused = results.flatMap(result => (result.ok ? [] : [result]));
	const gone = refused.filter(({code}) => code === 'gone');
	const others = refused.filter(({code}) => code !== 'gone');
	const done = results.length - refused.length;
	const parts = [
		done > 0 || refused.length === 0 ? `${done} ${word}` : `none ${word}`,
		gone.length > 0 ? `${gone.length} ${gone.length === 1 ? 'was' : 'were'} gone` : '',
		others.length > 0 ? `${others.length} not: ${others[0]?.message ?? ''}` : '',
	];
	return {text: parts.filter(Boolean).join(', '), isBad: refused.length > 0};
};
