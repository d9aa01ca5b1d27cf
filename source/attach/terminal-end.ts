import type {Socket} from 'node:net';
import {constants} from 'node:os';
import {stdin as processStdin, stdout as processStdout} from 'node:process';
import type {ReadStream} from 'node:tty';
import {connectToRoom} from '../socket/client.ts';
import {encodeControl, encodeData, encodeResize, readFrames} from '../socket/frames.ts';
import {withoutControl} from '../terminal/input/control-key.ts';
import {handshake, type RoomControl, readRoomControl, readTmuxFacts, type TerminalControl, terminalEnvironment} from './protocol.ts';
import {give, toolCommand} from './tools.ts';
import {createOwnTty, type OwnTty, runOnTty, type TtyOutput} from './tty.ts';
import {startWatcher} from './watcher.ts';

type Ending =
	| {readonly why: 'detached'}
	| {readonly why: 'stopped'; readonly text: string}
	| {readonly why: 'stopping'}
	| {readonly why: 'died'}
	| {readonly why: 'signal'; readonly signal: NodeJS.Signals}
	| {readonly why: 'tty-gone'}
	| {readonly why: 'broken'; readonly text: string};

/** Foreign text for the terminal: printable, one line, bounded. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300);

/** Message left in the user's shell; '' if the terminal is gone. */
const sentenceOf = (ending: Ending): string => {
	switch (ending.why) {
		case 'detached':
		case 'signal':
			return 'Detached. Agents keep running; reattach with `agent-room`.';
		case 'stopped':
			return `The room ended: ${plain(ending.text) || 'it was stopped'}.`;
		case 'stopping':
			return 'The room is still stopping. Its log says what it waits for.';
		case 'died':
			return 'The room crashed. Nothing is lost; resume with `agent-room`.';
		case 'tty-gone':
			return '';
		case 'broken':
			return `Connection to the room lost: ${plain(ending.text)}. Agents keep running; reattach with \`agent-room\`.`;
	}
};

/** 0 after a detach or stop, 1 after a failure, 128 + n after signal n; a lost tty counts as SIGHUP. */
const exitCodeOf = (ending: Ending): number => {
	if (ending.why === 'signal') return 128 + constants.signals[ending.signal];
	if (ending.why === 'tty-gone') return 128 + constants.signals.SIGHUP;
	return ending.why === 'detached' || ending.why === 'stopped' ? 0 : 1;
};

/** Each detaches: restore the tty and exit, the room continues. */
const LEAVING = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const;
/** Time for the stop to take effect, ms; shells without job control ignore it, and the client continues. */
const SUSPEND_MS = 200;
/** Time after an unanswered ctrl+c, ms, after which a second one leaves a room that hangs. */
const HANGS_MS = 2000;
/** Time for a program to exit on ctrl+\ before it is ended, ms. */
const QUIT_MS = 300;
/** Wait for a stopping room before it is told, and until this client leaves, ms. The room bounds its own stop; this is for one that hangs. */
const STOPPING_MS = {told: 300, left: 20_000} as const;

export type TerminalEnd = {
	readonly socketPath: string;
	readonly stdin?: ReadStream;
	readonly stdout?: TtyOutput;
	readonly environment?: NodeJS.ProcessEnv;
	readonly typed?: string;
};

/** Stops this job like ctrl+z; resolves after `fg`. */
const suspendJob = (): Promise<void> =>
	new Promise(resolve => {
		// The signal only stops this process if it has no listener.
		const listeners = process.listeners('SIGTSTP');
		process.removeAllListeners('SIGTSTP');
		const back = (): void => {
			clearTimeout(timer);
			process.removeListener('SIGCONT', back);
			for (const listener of listeners) process.on('SIGTSTP', listener);
			resolve();
		};
		process.once('SIGCONT', back);
		process.kill(0, 'SIGTSTP');
		const timer = setTimeout(back, SUSPEND_MS);
	});

/** Copies bytes both ways until it ends. Takes the tty; the caller restores it on every path. */
const converse = (socket: Socket, tty: OwnTty, stdin: ReadStream, stdout: TtyOutput, environment: NodeJS.ProcessEnv): Promise<Ending> =>
	new Promise(resolve => {
		const removals: (() => void)[] = [];
		let program: {readonly leave: AbortController; readonly over: Promise<unknown>} | undefined;
		const end = (ending: Ending): void => {
			for (const remove of removals.splice(0)) remove();
			program?.leave.abort();
			void Promise.resolve(program?.over).then(() => resolve(ending));
		};
		const listen = (source: NodeJS.EventEmitter, event: string, listener: (value: unknown) => void): void => {
			source.on(event, listener);
			removals.push(() => source.removeListener(event, listener));
		};
		const send = (frame: Buffer): void => void (socket.destroyed || socket.write(frame));
		const tell = (control: TerminalControl): void => send(encodeControl(control));
		const sendSize = (): void => send(encodeResize(stdout.columns, stdout.rows));
		let giving = Promise.resolve();
		let isAway = false;
		/** Lends the tty for a while; the room repaints afterwards. */
		const away = async (meanwhile: () => Promise<void>): Promise<void> => {
			if (isAway) return;
			isAway = true;
			tty.leave();
			await meanwhile();
			isAway = false;
			if (removals.length === 0) return;
			tty.enter();
			sendSize();
		};
		const obey = (control: RoomControl | undefined): void => {
			if (control?.type === 'detach') end({why: 'detached'});
			if (control?.type === 'broken') end({why: 'broken', text: control.text});
			if (control?.type === 'stopped') end({why: 'stopped', text: control.text ?? ''});
			if (control?.type === 'suspend') void away(suspendJob);
			// In sequence: replies must keep the order of requests.
			if (control?.type === 'give') giving = giving.then(async () => tell({type: 'given', isTaken: await give(control.to, control.text)}));
			if (control?.type !== 'run' && control?.type !== 'open') return;
			const {command, cwd} = control.type === 'run' ? control : toolCommand(control);
			void away(async () => {
				const leave = new AbortController();
				const over = runOnTty(command, cwd, leave.signal);
				program = {leave, over};
				tell({type: 'ran', exitCode: await over});
				program = undefined;
			});
		};

		let unansweredAt = 0;
		/** Lets the user leave a room that hangs: in raw mode ctrl+c is only a key, in any encoding. */
		const mayHang = (bytes: Buffer): void => {
			const typed = bytes.toString('latin1');
			if (withoutControl(typed, 'c') === typed) return;
			if (unansweredAt === 0) unansweredAt = performance.now();
			else if (performance.now() - unansweredAt > HANGS_MS) end({why: 'broken', text: 'it does not answer'});
		};
		let rest: Buffer = Buffer.alloc(0);
		listen(socket, 'data', chunk => {
			if (!Buffer.isBuffer(chunk)) return;
			unansweredAt = 0;
			const read = readFrames(rest, chunk);
			rest = read.rest;
			for (const frame of read.frames) {
				if (removals.length === 0) return;
				if (frame.kind === 'control') obey(readRoomControl(frame.value));
				// Drops the picture while another program has the tty.
				if (frame.kind === 'data' && tty.isOurs() && !stdout.write(frame.bytes)) {
					socket.pause();
					stdout.once('drain', () => socket.resume());
				}
			}
			if (read.isBroken) end({why: 'broken', text: 'it sent a message that this version does not know'});
		});
		listen(socket, 'close', () => end({why: 'died'}));
		listen(stdin, 'data', bytes => {
			if (!Buffer.isBuffer(bytes)) return;
			send(encodeData(bytes));
			mayHang(bytes);
		});
		for (const event of ['end', 'close', 'error']) listen(stdin, event, () => end({why: 'tty-gone'}));
		listen(stdout, 'error', () => end({why: 'tty-gone'}));
		listen(stdout, 'resize', () => tty.isOurs() && sendSize());
		for (const signal of LEAVING) {
			listen(process, signal, () => {
				// The program's ctrl+c reaches us too and is not ours; ctrl+\ ends a program that hangs.
				if (isAway && signal === 'SIGINT') return;
				const {leave} = program ?? {};
				if (leave && signal === 'SIGQUIT') setTimeout(() => leave.abort(), QUIT_MS);
				else end({why: 'signal', signal});
			});
		}
		// Ctrl+z stops the program and us: a job stops as a whole.
		listen(process, 'SIGTSTP', () => void (isAway ? process.kill(process.pid, 'SIGSTOP') : away(suspendJob)));
		listen(process, 'SIGCONT', () => {
			// After a foreign stop and continue, the shell may have changed the tty.
			if (isAway) return;
			tty.leave();
			tty.enter();
			sendSize();
		});
		for (const event of ['uncaughtException', 'unhandledRejection']) {
			listen(process, event, error => end({why: 'broken', text: error instanceof Error ? error.message : String(error)}));
		}
		listen(process, 'exit', tty.leave);
		void readTmuxFacts(environment).then(facts => facts && removals.length > 0 && tell(facts));
		socket.resume();
	});

/**
 * Waits until a stopping room has closed its socket, which it does last. Guarantee: nothing that the user starts after this client meets a
 * room that still accepts connections and ends before it answers. Resolves with false if the room hangs.
 */
const untilGone = async (socket: Socket, tell: () => void): Promise<boolean> => {
	const telling = setTimeout(tell, STOPPING_MS.told);
	const leaving = setTimeout(() => socket.destroy(new Error('the room hangs')), STOPPING_MS.left);
	socket.resume();
	if (!socket.closed) await new Promise(resolve => socket.once('close', resolve));
	clearTimeout(telling);
	clearTimeout(leaving);
	return socket.errored?.message !== 'the room hangs';
};

/**
 * The terminal client: shows the room at `socketPath` until the user or the room ends it; resolves with the exit code. Refuses with
 * `RoomAbsent` without a room. Guarantee: on every exit except kill -9 of this process the tty is restored here before anything is printed;
 * after kill -9 the watcher restores it.
 */
export const runTerminalEnd = async ({
	socketPath,
	stdin = processStdin,
	stdout = processStdout,
	environment = process.env,
	typed = '',
}: TerminalEnd): Promise<number> => {
	const socket = await connectToRoom(socketPath);
	socket.on('error', () => socket.destroy());
	const [watcher, reply] = await Promise.all([
		startWatcher(stdout.fd),
		handshake(socket, {
			op: 'attach',
			columns: Math.max(1, stdout.columns),
			rows: Math.max(1, stdout.rows),
			environment: terminalEnvironment(environment),
		}),
	]);
	const tty = createOwnTty({stdin, stdout, watcher, isLines: reply.data === 'lines'});
	if (!reply.ok) {
		socket.destroy();
		tty.print(`${sentenceOf({why: 'broken', text: reply.message ?? reply.code})}\n`);
		return 1;
	}
	tty.enter();
	if (typed) socket.write(encodeData(typed));
	let ending = await converse(socket, tty, stdin, stdout, environment);
	tty.leave();
	if (ending.why === 'stopped' && !(await untilGone(socket, () => tty.print('The room is stopping; work in progress is being saved.\n'))))
		ending = {why: 'stopping'};
	socket.destroy();
	const sentence = sentenceOf(ending);
	if (sentence) tty.print(`${sentence}\n`);
	return exitCodeOf(ending);
};
