import {type Attached, attachView} from './attach/attach-view.ts';
import type {TerminalControl, Tool} from './attach/control.ts';
import {createDesk} from './attach/desk.ts';
import {createLessons} from './attach/lessons.ts';
import {createMemory} from './attach/memory.ts';
import type {Config} from './core/config.ts';
import {wantsLines} from './core/display-words.ts';
import {createNotifyCommand} from './notify-command.ts';
import type {Terminals} from './room/start.ts';
import type {RoomStore} from './store/room.ts';
import {createNoticeBook} from './ui/notice-book.ts';

/** Loads what draws the screens. Ink, which comes when the first one stands, decides about colour then; the compositor decides for each terminal. */
export const loadView = async (): Promise<typeof import('./ui/view.ts')> => {
	process.env.FORCE_COLOR = '3';
	return import('./ui/view.ts');
};

/** One tool at a time has a person's tty: a second one is told 130, as if it had been left at once. */
const LEFT = 130;

/**
 * The terminals of a room: each gets a view of its own, on the one store, and a desk. `config` says which keys and
 * which look it has, `stateFolder` is where what a person writes is kept, `ownFiles` are the files beside it that
 * the person's editor may open.
 */
export const createTerminals = (
	config: Config,
	stateFolder: string,
	ownFiles: readonly string[] = [],
): Terminals & {
	/** Runs the person's command for notices, also while no terminal is there. */
	watch(store: RoomStore): void;
} => {
	const attached = new Set<Attached>();
	const notices = createNoticeBook({done: config.notify.done, onNotice: createNotifyCommand(config.notify.command)});
	return {
		watch: store => void store.subscribe(() => notices.look(store.getSnapshot(), Date.now())),
		count: () => attached.size,
		sendHome: reason => {
			for (const terminal of [...attached]) terminal.end(reason === 'detached' ? {type: 'detach'} : {type: 'stopped', text: reason});
		},
		attach: (connection, request, store, onChange) => {
			const isLines = wantsLines(request.environment, config.screenReader);
			const load = isLines
				? import('./ui/reader/reader.ts').then(({createReader}) => createReader)
				: loadView().then(view => view.createView);
			void load.then(createView => {
				if (connection.destroyed) return;
				const terminal = attachView({
					connection,
					request,
					isLines,
					createView: ({control, ...given}) => {
						let ran: ((exitCode: number) => void) | undefined;
						const open = (tool: Tool, file: string): Promise<number> =>
							new Promise(resolve => {
								if (ran) return resolve(LEFT);
								ran = resolve;
								control({type: 'open', tool, file});
							});
						// Answered in their order.
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
								process.stderr.write(`a screen broke: ${error instanceof Error ? error.stack : String(error)}\n`);
								control({type: 'broken', text: "its screen has a fault, which the room's log tells"});
							},
							memory: createMemory(stateFolder),
							desk: createDesk({stateFolder, ownFiles, open, give}),
							lessons: createLessons(stateFolder),
							control: message => control(message.type === 'stopped' ? {type: 'stopped', text: ''} : message),
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
