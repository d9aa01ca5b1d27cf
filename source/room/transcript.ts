import {followLines} from './follow-lines.ts';
import type {LiveSession} from './live-session.ts';

/**
 * Reads along in the file in which a program keeps its session, as soon as it has told which that is: for programs that write there what
 * no hook tells. A path that changes (a new session in the same program) is followed from then on. Returns the way to stop.
 */
export const followTranscript = (session: LiveSession): (() => void) => {
	const read = session.cli.readTranscript;
	// Without a screen the stream tells all of it, tokens included, which are not to be counted twice.
	if (!read || session.mode === 'headless') return () => {};
	let path = '';
	let isStopped = false;
	let stop: (() => void) | undefined;
	const look = async (): Promise<void> => {
		const wanted = session.now().transcript;
		if (wanted === path) return;
		path = wanted;
		stop?.();
		stop = undefined;
		const started = await followLines(wanted, line => {
			if (!isStopped && wanted === path) session.take(read(line));
		});
		if (isStopped || wanted !== path) started?.();
		else if (started) stop = started;
		// It may be told before it is made: the next change looks again.
		else path = '';
	};
	const unlisten = session.onChange(() => void look());
	void look();
	return () => {
		isStopped = true;
		unlisten();
		stop?.();
	};
};
