import type {Reading} from '../../core/session.ts';
import type {Notice} from '../cli.ts';

/**
 * Its title begins with a spinner while it works, and blinks `[ ! ] Action Required` while it asks. At rest it is a plain name, which proves
 * nothing; what it sends as OSC 9 is what the agent said, which proves nothing either.
 */
export const readNotice = ({kind, text}: Notice): Reading | undefined => {
	if (kind !== 'title') return undefined;
	if (/^\[ [!.] \] Action Required\b/.test(text)) return {source: 'notice', sign: 'title Action Required', state: 'asks'};
	if (/^[\u2801-\u28ff] /.test(text)) return {source: 'notice', sign: 'title spinner', state: 'working'};
	return undefined;
};
