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

/** Why a terminal end leaves. */
type Ending =
	| {readonly why: 'detached'}
	| {readonly why: 'stopped'; readonly text: string}
	| {readonly why: 'died'}
	| {readonly why: 'signal'; readonly signal: NodeJS.Signals}
	| {readonly why: 'tty-gone'}
	| {readonly why: 'broken'; readonly text: string};

/** Words of others on a human's terminal: printable, one line, bounded. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300);

/** The sentence left in the user's shell; '' if its terminal is gone. */
const sentenceOf = (ending: Ending): string => {
	switch (ending.why) {
		case 'detached':
		case 'signal':
			return 'Detached. Agents keep running; reattach with `agent-room`.';
		case 'stopped':
			return `The room ended: ${plain(ending.text) || 'it was stopped'}.`;
		case 'died':
			return 'The room crashed. Nothing is lost; resume with `agent-room`.';
		case 'tty-gone':
			return '';
		case 'broken':
			return `Connection to the room lost: ${plain(ending.text)}. Agents keep running; reattach with \`agent-room\`.`;
	}
};

/** 0 after a detach or a stop, 1 where something broke, 128 + n after signal n; a tty that went away counts as SIGHUP. */
const exitCodeOf = (ending: Ending): number => {
	if (ending.why === 'signal') return 128 + constants.signals[ending.signal];
	if (ending.why === 'tty-gone') return 128 + constants.signals.SIGHUP;
	return ending.why === 'detached' || ending.why === 'stopped' ? 0 : 1;
};

/** Each of them means: leave the room alone, give the tty back, go. */
const LEAVING = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const;
/** How long to wait for the stop to take effect; a shell without job control ignores it, and then the room simply continues. */
const SUSPEND_MS = 200;
/** A ctrl+c to which the room said nothing for this long, pressed again, leaves a room that hangs. */
const HANGS_MS = 2000;
/** A program that ctrl+\\ does not end gets this long before it is made to go. */
const QUIT_MS = 300;

export type TerminalEnd = {
	readonly socketPath: string;
	readonly stdin?: ReadStream;
	readonly stdout?: TtyOutput;
	readonly environment?: NodeJS.ProcessEnv;
	/** Keys that the user pressed before there was a room. */
	readonly typed?: string;
};

/** Stops this process and its job as ctrl+z would, and resolves when `fg` has brought it back. */
const suspendJob = (): Promise<void> =>
	new Promise(resolve => {
		// Only without a listener does the signal stop this process.
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

/** Copies bytes both ways until something ends it. The tty is ours on entry and on every path out it is left to the caller. */
const converse = (socket: Socket, tty: OwnTty, stdin: ReadStream, stdout: TtyOutput, environment: NodeJS.ProcessEnv): Promise<Ending> =>
	new Promise(resolve => {
		const removals: (() => void)[] = [];
		/** The program that has the tty, and the way to make it go. */
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
		/** Gives the tty to somebody else for a while; the room paints everything again afterwards. */
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
			// One after the other: answers come in the order of the wishes.
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
		/** The user must get out of a room that hangs: in raw mode ctrl+c is only a key to it, whatever its form. */
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
				// While another program has the tty the room's picture is thrown away.
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
				// While a program has the tty its ctrl+c reaches us too, and is not meant for us; ctrl+\ makes one go that hangs.
				if (isAway && signal === 'SIGINT') return;
				const {leave} = program ?? {};
				if (leave && signal === 'SIGQUIT') setTimeout(() => leave.abort(), QUIT_MS);
				else end({why: 'signal', signal});
			});
		}
		// Ctrl+z in a program stops it and us alike: a job stands still as a whole.
		listen(process, 'SIGTSTP', () => void (isAway ? process.kill(process.pid, 'SIGSTOP') : away(suspendJob)));
		listen(process, 'SIGCONT', () => {
			// Stopped and continued by somebody else: the shell may have changed the tty meanwhile.
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
 * The program that a human's terminal runs: shows the room that listens on `socketPath` until the user or the room ends it, and resolves
 * with the exit code. Refuses with `RoomAbsent` where no room is. Guarantee: on every way out but kill -9 of this process the tty is
 * restored here, before anything is printed; after kill -9 the watcher does it.
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
	const ending = await converse(socket, tty, stdin, stdout, environment);
	tty.leave();
	socket.destroy();
	const sentence = sentenceOf(ending);
	if (sentence) tty.print(`${sentence}\n`);
	return exitCodeOf(ending);
};
