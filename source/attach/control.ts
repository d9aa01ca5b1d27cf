/** What the room tells a terminal end. After `detach` and `stopped` the terminal end restores the tty and leaves. */
export type RoomControl =
	| {readonly type: 'detach'}
	/** `text`: why the room ended, in words; shown to the person. */
	| {readonly type: 'stopped'; readonly text?: string}
	/** Ctrl+z: back to the shell until `fg`. */
	| {readonly type: 'suspend'}
	/** Runs a program on the person's tty, such as `$EDITOR`; answered with `ran`. */
	| {readonly type: 'run'; readonly command: readonly string[]; readonly cwd: string}
	/** Opens a file in the person's own editor or pager, on the person's tty; answered with `ran`. */
	| {readonly type: 'open'; readonly tool: 'editor' | 'pager'; readonly file: string};

/** What a terminal end tells the room. `exitCode` is 127 where the program could not be started. */
export type TerminalControl = {readonly type: 'ran'; readonly exitCode: number};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? {...value} : {});

/** A control message of the room, undefined if it is none that this version knows. */
export const readRoomControl = (value: unknown): RoomControl | undefined => {
	const {type, text, command, cwd, tool, file} = fieldsOf(value);
	if (type === 'detach' || type === 'suspend') return {type};
	if (type === 'stopped') return typeof text === 'string' ? {type, text} : {type};
	if (type === 'open') return (tool === 'editor' || tool === 'pager') && typeof file === 'string' ? {type, tool, file} : undefined;
	const isCommand = Array.isArray(command) && command.length > 0 && command.every(part => typeof part === 'string');
	return type === 'run' && isCommand && typeof cwd === 'string' ? {type, command, cwd} : undefined;
};

/** A control message of a terminal end, undefined if it is none that this version knows. */
export const readTerminalControl = (value: unknown): TerminalControl | undefined => {
	const {type, exitCode} = fieldsOf(value);
	return type === 'ran' && typeof exitCode === 'number' ? {type, exitCode} : undefined;
};
