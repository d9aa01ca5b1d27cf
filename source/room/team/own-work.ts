import type {Marker} from '../../os/process-table.ts';
import type {PaneProcess, ProcessEnd} from '../../pty/process.ts';

/** Work of the room itself, shown in a pane: `say` prints a line. Resolves with how it ended, and never throws. */
export type OwnWork = (say: (line: string) => void) => Promise<ProcessEnd>;

/** Of no process: what looks for one finds none by it. */
export const NO_PROCESS = {pid: 0, startTime: ''} as const;

/**
 * Runs work of the room where a program would run. Guarantees: it begins in a later turn of the event loop, once its caller has noted
 * that it runs; `onEnd` follows its last line. Nothing that is typed reaches it.
 */
export const startOwnWork = (work: OwnWork, marker: Marker): PaneProcess => {
	const dataListeners: ((bytes: Uint8Array) => void)[] = [];
	const endListeners: ((end: ProcessEnd) => void)[] = [];
	let end: ProcessEnd | undefined;
	const say = (line: string): void => {
		const bytes = Buffer.from(`${line}\r\n`);
		for (const listener of dataListeners) listener(bytes);
	};
	setImmediate(async () => {
		const ended = await work(say);
		end = ended;
		for (const listener of endListeners) listener(ended);
	});
	return {
		...NO_PROCESS,
		marker,
		onData: listener => void dataListeners.push(listener),
		onEnd: listener => (end ? listener(end) : void endListeners.push(listener)),
		write: () => false,
		resize: () => undefined,
		pauseReading: () => undefined,
		resumeReading: () => undefined,
	};
};
