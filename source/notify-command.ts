import {execFile} from 'node:child_process';
import type {Notice} from './ui/notice-book.ts';

/** A command that takes longer, ms, is killed. */
const MOST_MS = 10_000;

/**
 * Runs the person's own command for a notice: its arguments as configured, the text in the environment alone, so that nothing of it is ever
 * read as an argument or by a shell. One runs at a time; of what comes meanwhile the last is told when it has ended.
 */
export const createNotifyCommand = (command: readonly string[] | undefined): ((notice: Notice) => void) => {
	const [program, ...args] = command ?? [];
	if (program === undefined) return () => undefined;
	let isRunning = false;
	let next: Notice | undefined;
	const run = ({kind, text}: Notice): void => {
		isRunning = true;
		const env = {...process.env, AGENT_ROOM_NOTICE: text, AGENT_ROOM_NOTICE_KIND: kind};
		execFile(program, args, {env, timeout: MOST_MS, killSignal: 'SIGKILL'}, error => {
			if (error) process.stderr.write(`notify.command: ${error.message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 200)}\n`);
			isRunning = false;
			const waiting = next;
			next = undefined;
			if (waiting) run(waiting);
		});
	};
	return notice => {
		if (isRunning) next = notice;
		else run(notice);
	};
};
