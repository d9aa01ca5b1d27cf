import {execFile} from 'node:child_process';
import type {OwnGit, TerminalControl, Tool} from '../../attach/protocol.ts';
import {type Attached, attachView} from '../../attach/server.ts';
import {createHintsSeen, createMemory, createTerminalTools} from '../../attach/terminal-tools.ts';
import type {Config} from '../../core/config/config.ts';
import {wantsLines} from '../../core/config/display-words.ts';
import {loadPty} from '../../pty/pty.ts';
import type {Terminals} from '../../room/parts/options.ts';
import type {RoomStore} from '../../store/room.ts';
import {createNoticeBook, type Notice} from '../../ui/view/notices.ts';

/** Time limit of a command, ms. */
const MOST_MS = 10_000;

/**
 * Runs the user's notification command: configured arguments, with the text only in the environment, so that it is never parsed as argument
 * or by a shell. One at a time; afterwards the latest waiting notice.
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

export const loadView = (): Promise<typeof import('../../ui/view/view.ts')> => import('../../ui/view/view.ts');

/** Exit code of a second tool on one tty: only one runs at a time. */
const LEFT = 130;

/**
 * The terminals of a room: each gets a view on the one store, with the user's tools. `first` sets keys and look until `configure`, `stateFolder` holds saved
 * texts, `ownFiles` are others that the editor may open.
 */
export const createTerminals = (
	first: Config,
	stateFolder: string,
	ownFiles: readonly string[] = [],
): Terminals & {
	/** Runs the notification command, even without a terminal. */
	watch(store: RoomStore): void;
} => {
	let config = first;
	const attached = new Set<Attached>();
	const notices = createNoticeBook({done: config.notify.done, onNotice: createNotifyCommand(config.notify.command)});
	let isPrepared = false;
	return {
		prepare: () => {
			if (isPrepared) return;
			isPrepared = true;
			loadPty();
			void loadView().then(({prepareSurfaces}) => prepareSurfaces());
		},
		watch: store => void store.subscribe(() => notices.look(store.getSnapshot(), Date.now())),
		count: () => attached.size,
		configure: next => {
			config = next;
		},
		sendHome: reason => {
			for (const terminal of [...attached]) terminal.end(reason === 'detached' ? {type: 'detach'} : {type: 'stopped', text: reason});
		},
		attach: (connection, request, store, onChange) => {
			const isLines = wantsLines(request.environment, config.screenReader);
			const load = isLines
				? import('../../ui/screen-reader/reader.ts').then(({createReader}) => createReader)
				: loadView().then(view => view.createView);
			void load.then(createView => {
				if (connection.destroyed) return;
				const terminal = attachView({
					connection,
					request,
					isLines,
					createView: ({control, ...given}) => {
						let ran: ((exitCode: number) => void) | undefined;
						const open = (tool: Tool, file: string, git?: OwnGit): Promise<number> =>
							new Promise(resolve => {
								if (ran) return resolve(LEFT);
								ran = resolve;
								control({type: 'open', tool, file, ...(git ? {git} : {})});
							});
						// Answered in order.
						const givings: ((isTaken: boolean) => void)[] = [];
						const give = (to: 'clipboard' | 'browser', text: string): Promise<boolean> =>
							new Promise(resolve => {
								givings.push(resolve);
								control({type: 'give', to, text});
							});
						const view = createView({
							...given,
							store,
							now: Date.now,
							keys: config.keys,
							display: config,
							notices,
							onBroken: error => {
								process.stderr.write(`a screen crashed: ${error instanceof Error ? error.stack : String(error)}\n`);
								control({type: 'broken', text: "its screen crashed; see the room's log"});
							},
							onPartBroken: (part, error) =>
								void process.stderr.write(
									`a part of a screen crashed (${part}): ${error instanceof Error ? error.stack : String(error)}\n`,
								),
							memory: createMemory(stateFolder),
							terminalTools: createTerminalTools({stateFolder, ownFiles, open, give, gitOf: path => store.personGit(path)}),
							hintsSeen: createHintsSeen(stateFolder),
							control: message => control(message.type === 'stopped' ? {type: 'stopped', text: 'stopped by you'} : message),
						});
						const tell = (message: TerminalControl): void => {
							if (message.type === 'tmux') {
								view.tmux(message);
								return;
							}
							if (message.type === 'given') {
								givings.shift()?.(message.isTaken);
								return;
							}
							const answer = ran;
							ran = undefined;
							answer?.(message.exitCode);
						};
						return {...view, control: tell};
					},
					onClose: () => {
						attached.delete(terminal);
						onChange();
					},
				});
				attached.add(terminal);
				onChange();
			});
		},
	};
};
