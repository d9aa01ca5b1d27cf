import type {Socket} from 'node:net';
import type {Reply, Request} from '../core/protocol.ts';
import {RoomSilent} from '../socket/errors.ts';
import {readFirstLine} from '../socket/lines.ts';

const HANDSHAKE_MS = 10_000;
/** Of the terminal's environment: what decides how to draw on it. */
const WANTED =
	/^(TERM|COLORTERM|NO_COLOR|FORCE_COLOR|COLORFGBG|TERM_PROGRAM|TERM_PROGRAM_VERSION|SSH_CONNECTION|SSH_TTY|TMUX|STY|KITTY_WINDOW_ID|WT_SESSION|VTE_VERSION|WEZTERM_PANE|GHOSTTY_RESOURCES_DIR|LC_TERMINAL|INK_SCREEN_READER|CLAUDE_AX_SCREEN_READER|LANG|LC_ALL|LC_CTYPE|AGENT_ROOM_[A-Z_]+)$/;
const SECRET = /TOKEN|SECRET|PASSWORD|REDIS/;

/** What the room is told of the environment of a terminal: names that matter for drawing, and no secret. */
export const terminalEnvironment = (environment: NodeJS.ProcessEnv): Record<string, string> =>
	Object.fromEntries(
		Object.entries(environment).flatMap(([name, value]) =>
			value !== undefined && value.length <= 1000 && WANTED.test(name) && !SECRET.test(name) ? [[name, value]] : [],
		),
	);

/** Sends `attach` and resolves with the room's answer; what came behind it waits in the paused socket. Refuses with `RoomSilent`. */
export const shakeHands = (socket: Socket, request: Extract<Request, {op: 'attach'}>): Promise<Reply> =>
	new Promise((resolve, reject) => {
		const rest: Buffer[] = [];
		const done = (): void => {
			clearTimeout(timer);
			socket.pause();
			socket.removeListener('data', read);
			socket.removeListener('close', gone);
		};
		const gone = (): void => {
			done();
			reject(new RoomSilent('The room ended before it had answered.'));
		};
		const read = (chunk: Buffer): void => {
			const first = readFirstLine(rest, chunk);
			if (!first) {
				rest.push(chunk);
				return;
			}
			done();
			if (first.after.length > 0) socket.unshift(first.after);
			try {
				resolve(JSON.parse(first.line));
			} catch {
				reject(new RoomSilent('The room answered in words that this version does not know.'));
			}
		};
		const timer = setTimeout(() => {
			done();
			socket.destroy();
			reject(new RoomSilent(`The room did not answer within ${HANDSHAKE_MS} ms.`));
		}, HANDSHAKE_MS);
		socket.on('data', read);
		socket.once('close', gone);
		socket.write(`${JSON.stringify(request)}\n`);
	});
