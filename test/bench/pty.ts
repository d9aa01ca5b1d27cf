import {signalProcess} from '../../source/os/process-identity.ts';
import {type PaneProcess, startProcess} from '../../source/pty/process.ts';

/** A program in a PTY whose raw output can be waited for, with nothing between the bytes and the clock. */
export type BenchTerminal = {
	readonly process: PaneProcess;
	/** Resolves with the time (performance.now) at which `text` had arrived after this call. */
	until(text: string, timeoutMs?: number): Promise<number>;
	write(text: string): void;
	/** All bytes so far. */
	bytes(): number;
	/** The listener gets all bytes from now on, before whoever waits for a text. */
	onBytes(listener: (bytes: Uint8Array) => void): void;
	end(): Promise<void>;
};

const marker = ['AGENT_ROOM_BENCH', '1'] as const;

export const openBenchTerminal = (
	command: readonly string[],
	options: {readonly cwd: string; readonly env: Record<string, string>; readonly columns?: number; readonly rows?: number},
): BenchTerminal => {
	const process = startProcess({
		command,
		cwd: options.cwd,
		env: options.env,
		columns: options.columns ?? 160,
		rows: options.rows ?? 45,
		marker,
	});
	let total = 0;
	let seen = '';
	let look: (() => void) | undefined;
	const listeners: ((bytes: Uint8Array) => void)[] = [];
	process.onData(data => {
		for (const listener of listeners) listener(data);
		total += data.length;
		seen += Buffer.from(data).toString('latin1');
		look?.();
	});
	return {
		process,
		bytes: () => total,
		onBytes: listener => void listeners.push(listener),
		write: text => void process.write(text),
		until: (text, timeoutMs = 20_000) => {
			seen = '';
			const wanted = Buffer.from(text).toString('latin1');
			return new Promise((resolve, reject) => {
				const timer = setTimeout(
					() => reject(new Error(`\`${text}\` did not come in ${timeoutMs} ms; the last bytes: ${JSON.stringify(seen.slice(-400))}`)),
					timeoutMs,
				);
				look = () => {
					if (!seen.includes(wanted)) return;
					const at = performance.now();
					look = undefined;
					clearTimeout(timer);
					resolve(at);
				};
			});
		},
		// Only this process: a room that it started lives on, as it does for a person.
		end: () =>
			new Promise(resolve => {
				process.onEnd(() => resolve());
				signalProcess(process, 'SIGTERM');
			}),
	};
};
