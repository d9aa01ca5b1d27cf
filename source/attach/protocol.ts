import {execFile} from 'node:child_process';
import type {Socket} from 'node:net';
import type {Reply, Request} from '../core/protocol/request.ts';
import {giveProof, PROVE} from '../socket/client.ts';
import {RoomEnded, RoomSilent} from '../socket/errors.ts';
import {readFirstLine} from '../socket/frames.ts';

/** The user's tools that run on the tty. `folder` is the editor in a folder, `shell` a shell. */
export const TOOLS = ['editor', 'pager', 'folder', 'shell', 'trial'] as const;
export type Tool = (typeof TOOLS)[number];

/** Messages to a terminal client. After `detach`, `stopped` and `broken` it restores the tty and exits, after `stopped` once the room has closed. */
export type RoomControl =
	| {readonly type: 'detach'}
	/** `text`: why the room ends, for the user. */
	| {readonly type: 'stopped'; readonly text?: string}
	/** This terminal's screen failed; the room continues. */
	| {readonly type: 'broken'; readonly text: string}
	/** Ctrl+z: suspends to the shell until `fg`. */
	| {readonly type: 'suspend'}
	/** Runs a program on the user's tty, such as `$EDITOR`; answered with `ran`. */
	| {readonly type: 'run'; readonly command: readonly string[]; readonly cwd: string}
	/** Opens a file or folder in a user's tool on the tty; answered with `ran`. */
	| {readonly type: 'open'; readonly tool: Tool; readonly file: string; readonly git?: OwnGit}
	/** Gives a text to the clipboard or browser (`tools.ts`); answered with `given`. */
	| {readonly type: 'give'; readonly to: 'clipboard' | 'browser'; readonly text: string};

/** The git folder and worktree for git in a tool: the worktree's own git folder is its agent's, who may have planted something in it. */
export type OwnGit = {readonly gitDir: string; readonly folder: string};

/** Messages of a terminal client. `exitCode` is 127 if the program could not start. */
export type TerminalControl =
	| {readonly type: 'ran'; readonly exitCode: number}
	| {readonly type: 'given'; readonly isTaken: boolean}
	/** Whether the surrounding tmux passes wrapped sequences on, is used over SSH, and its outer terminal's name. */
	| {readonly type: 'tmux'; readonly passthrough: boolean; readonly isRemote: boolean; readonly terminal: string};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? {...value} : {});

/** Parses a control message of the room; undefined if unknown to this version. */
export const readRoomControl = (value: unknown): RoomControl | undefined => {
	const {type, text, command, cwd, tool, file, to, git} = fieldsOf(value);
	if (type === 'detach' || type === 'suspend') return {type};
	if (type === 'broken') return typeof text === 'string' ? {type, text} : undefined;
	if (type === 'stopped') return typeof text === 'string' ? {type, text} : {type};
	if (type === 'open') {
		const known = TOOLS.find(name => name === tool);
		const {gitDir, folder} = fieldsOf(git);
		const own = typeof gitDir === 'string' && typeof folder === 'string' ? {git: {gitDir, folder}} : {};
		return known && typeof file === 'string' ? {type, tool: known, file, ...own} : undefined;
	}
	if (type === 'give') return (to === 'clipboard' || to === 'browser') && typeof text === 'string' ? {type, to, text} : undefined;
	const isCommand = Array.isArray(command) && command.length > 0 && command.every(part => typeof part === 'string');
	return type === 'run' && isCommand && typeof cwd === 'string' ? {type, command, cwd} : undefined;
};

/** Parses a control message of a terminal client; undefined if unknown to this version. */
export const readTerminalControl = (value: unknown): TerminalControl | undefined => {
	const {type, exitCode, isTaken, passthrough, isRemote, terminal} = fieldsOf(value);
	if (type === 'tmux')
		return typeof passthrough === 'boolean' && typeof terminal === 'string'
			? {type, passthrough, isRemote: isRemote === true, terminal}
			: undefined;
	if (type === 'given') return typeof isTaken === 'boolean' ? {type, isTaken} : undefined;
	return type === 'ran' && typeof exitCode === 'number' ? {type, exitCode} : undefined;
};

const HANDSHAKE_MS = 10_000;
/** Variables that decide how to draw. */
const WANTED =
	/^(TERM|COLORTERM|NO_COLOR|FORCE_COLOR|COLORFGBG|TERM_PROGRAM|TERM_PROGRAM_VERSION|SSH_CONNECTION|SSH_TTY|TMUX|STY|KITTY_WINDOW_ID|WT_SESSION|VTE_VERSION|WEZTERM_PANE|GHOSTTY_RESOURCES_DIR|LC_TERMINAL|INK_SCREEN_READER|CLAUDE_AX_SCREEN_READER|LANG|LC_ALL|LC_CTYPE|AGENT_ROOM_[A-Z_]+)$/;
const SECRET = /TOKEN|SECRET|PASSWORD|REDIS/;

/** The terminal's environment for the room: only names that matter for drawing, no secret. */
export const terminalEnvironment = (environment: NodeJS.ProcessEnv): Record<string, string> =>
	Object.fromEntries(
		Object.entries(environment).flatMap(([name, value]) =>
			value !== undefined && value.length <= 1000 && WANTED.test(name) && !SECRET.test(name) ? [[name, value]] : [],
		),
	);

const replyOf = (line: string): Reply | undefined => {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
};

/** Sends `attach` and resolves with the reply; later bytes wait in the paused socket. Refuses with `RoomSilent`. */
export const handshake = (socket: Socket, request: Extract<Request, {op: 'attach'}>): Promise<Reply> =>
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
			reject(new RoomEnded());
		};
		const read = (chunk: Buffer): void => {
			const first = readFirstLine(rest, chunk);
			if (!first) {
				rest.push(chunk);
				return;
			}
			const reply = replyOf(first.line);
			if (reply?.code === PROVE) {
				rest.length = 0;
				giveProof(socket, reply, '');
				if (first.after.length > 0) read(first.after);
				return;
			}
			done();
			if (first.after.length > 0) socket.unshift(first.after);
			if (reply) resolve(reply);
			else reject(new RoomSilent('The room gave an answer that this version does not know.'));
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

const TIMEOUT_MS = 2000;

/**
 * Asks tmux whether it passes sequences on, for its outer terminal's name, and whether its last client came over SSH. Undefined outside
 * tmux, or if it does not answer.
 */
export const readTmuxFacts = (environment: NodeJS.ProcessEnv): Promise<Extract<TerminalControl, {type: 'tmux'}> | undefined> =>
	new Promise(resolve => {
		if (!environment.TMUX) return resolve(undefined);
		// A session has the environment of its newest client (`update-environment`).
		const asked = '#{SSH_CONNECTION}\n#{client_termname} #{client_termtype}';
		const words = ['show-options', '-Apv', 'allow-passthrough', ';', 'display-message', '-p', asked];
		execFile('tmux', words, {env: environment, timeout: TIMEOUT_MS}, (error, stdout) => {
			const [passes = '', ssh = '', ...name] = stdout.split('\n');
			const passthrough = passes === 'on' || passes === 'all';
			resolve(error ? undefined : {type: 'tmux', passthrough, isRemote: ssh !== '', terminal: name.join(' ').trim().slice(0, 100)});
		});
	});

/** Saves the title, alternate screen, hides the cursor, bracketed paste, focus events, clear. */
export const ENTER = '\u001b[22;0t\u001b[?1049h\u001b[?25l\u001b[?2004h\u001b[?1004h\u001b[0m\u001b[2J\u001b[H';

/**
 * Resets everything that a view or a pane can have enabled, in this order: keyboard protocol, mouse, focus, paste, synchronized output,
 * cursor keys and keypad, theme reports, scroll region, autowrap, colours, cursor shape, title, cursor, and last the alternate screen.
 */
export const RESTORE = [
	'\u001b[<9u',
	'\u001b[>4;0m',
	'\u001b[?9l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1005l\u001b[?1006l\u001b[?1015l',
	'\u001b[?1004l',
	'\u001b[?2004l',
	'\u001b[?2026l',
	'\u001b[?1l\u001b>',
	'\u001b[?2031l',
	'\u001b[r',
	'\u001b[?7h\u001b[?6l',
	'\u001b[0m',
	'\u001b[0 q',
	'\u001b[23;0t',
	'\u001b[?25h',
	'\u001b[?1049l',
].join('');
