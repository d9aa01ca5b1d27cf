import type {Reading} from '../../core/session.ts';
import type {Notice} from '../cli.ts';

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'notice', sign: what});

/**
 * The title turns a sign before its words while a turn is under way; at rest it is `✳`, also where a dialog waits: that one only denies work.
 * What it tells its terminal by OSC 9 comes six seconds after a dialog, and after a minute of rest.
 */
export const readNotice = ({kind, text}: Notice): Reading | undefined => {
	if (kind === 'title') {
		if (/^[◐◓◑◒\u2801-\u28ff] /.test(text)) return {...sign('title with a turning sign'), state: 'working'};
		return /^✳ /.test(text) ? {...sign('title ✳'), state: 'idle'} : undefined;
	}
	if (kind !== 'osc9' && kind !== 'osc777') return undefined;
	if (/Claude needs your (?:permission|attention)/.test(text)) return {...sign('notice needs permission'), state: 'asks'};
	return /Claude is waiting for your input/.test(text) ? {...sign('notice waiting for input'), state: 'idle'} : undefined;
};
