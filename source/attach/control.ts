/** The person's own tools that are run on the tty. `folder` is the editor on a folder, `shell` a shell in one. */
export const TOOLS = ['editor', 'pager', 'folder', 'shell', 'trial'] as const;
export type Tool = (typeof TOOLS)[number];

/** What the room tells a terminal end. After `detach`, `stopped` and `broken` the terminal end restores the tty and leaves. */
export type RoomControl =
	| {readonly type: 'detach'}
	/** `text`: why the room ended, in words; shown to the person. */
	| {readonly type: 'stopped'; readonly text?: string}
	/** The screen of this terminal has a fault; the room goes on. */
	| {readonly type: 'broken'; readonly text: string}
	/** Ctrl+z: back to the shell until `fg`. */
	| {readonly type: 'suspend'}
	/** Runs a program on the person's tty, such as `$EDITOR`; answered with `ran`. */
	| {readonly type: 'run'; readonly command: readonly string[]; readonly cwd: string}
	/** Opens a file or a folder in a tool of the person, on the person's tty; answered with `ran`. */
	| {readonly type: 'open'; readonly tool: Tool; readonly file: string}
	/** Gives a text to something beside the terminal (`give.ts`); answered with `given`. */
	| {readonly type: 'give'; readonly to: 'clipboard' | 'browser'; readonly text: string};

/** What a terminal end tells the room. `exitCode` is 127 where the program could not be started. */
export type TerminalControl =
	| {readonly type: 'ran'; readonly exitCode: number}
	| {readonly type: 'given'; readonly isTaken: boolean}
	/** Whether the tmux around the terminal hands on what is wrapped for the terminal outside of it, is seen over SSH, and what that terminal is called. */
	| {readonly type: 'tmux'; readonly passthrough: boolean; readonly isRemote: boolean; readonly terminal: string};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? {...value} : {});

/** A control message of the room, undefined if it is none that this version knows. */
export const readRoomControl = (value: unknown): RoomControl | undefined => {
	const {type, text, command, cwd, tool, file, to} = fieldsOf(value);
	if (type === 'detach' || type === 'suspend') return {type};
	if (type === 'broken') return typeof text === 'string' ? {type, text} : undefined;
	if (type === 'stopped') return typeof text === 'string' ? {type, text} : {type};
	if (type === 'open') {
		const known = TOOLS.find(name => name === tool);
		return known && typeof file === 'string' ? {type, tool: known, file} : undefined;
	}
	if (type === 'give') return (to === 'clipboard' || to === 'browser') && typeof text === 'string' ? {type, to, text} : undefined;
	const isCommand = Array.isArray(command) && command.length > 0 && command.every(part => typeof part === 'string');
	return type === 'run' && isCommand && typeof cwd === 'string' ? {type, command, cwd} : undefined;
};

/** A control message of a terminal end, undefined if it is none that this version knows. */
export const readTerminalControl = (value: unknown): TerminalControl | undefined => {
	const {type, exitCode, isTaken, passthrough, isRemote, terminal} = fieldsOf(value);
	if (type === 'tmux')
		return typeof passthrough === 'boolean' && typeof terminal === 'string'
			? {type, passthrough, isRemote: isRemote === true, terminal}
			: undefined;
	if (type === 'given') return typeof isTaken === 'boolean' ? {type, isTaken} : undefined;
	return type === 'ran' && typeof exitCode === 'number' ? {type, exitCode} : undefined;
};
