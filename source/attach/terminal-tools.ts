import {
	closeSync,
	existsSync,
	fstatSync,
	mkdirSync,
	openSync,
	readFileSync,
	readSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {PersonGit, RoomStore} from '../store/room.ts';
import type {HintsSeen, SavedState, TerminalTools} from '../store/terminal.ts';
import {createHeadlessScreen} from '../terminal/screen/screen.ts';
import type {OwnGit, Tool} from './protocol.ts';

/** Limit of an edited text, bytes. */
const MOST = 1024 * 1024;
const MISSING = 127;
const NO_EDITOR = 'No editor found. Set $EDITOR in the shell that opens the room.';
/** Limits of a log's shown end, bytes and lines; the file has the rest. */
const END_BYTES = 1024 * 1024;
const LINES = 10_000;

const nameOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

/** The log's end as lines, rendered by a headless screen so that no escape sequence reaches a pager. */
const linesOf = (file: string): string => {
	const handle = openSync(file, 'r');
	const screen = createHeadlessScreen({columns: 200, rows: 45, scrollback: LINES});
	try {
		const {size} = fstatSync(handle);
		const bytes = Buffer.alloc(Math.min(size, END_BYTES));
		screen.write(bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, size - bytes.length)));
		return `${screen.tail(LINES).join('\n')}\n`;
	} finally {
		closeSync(handle);
		screen.dispose();
	}
};

/**
 * The user's own tools on the terminal. Guarantee: what was saved in an editor stays in a file of the state folder (mode 0600) until it is
 * taken, whatever crashes meanwhile. `open` runs a tool on the tty and resolves with its exit code; `give` offers a text to clipboard or
 * browser and resolves with whether it was taken.
 */
export const createTerminalTools = ({
	stateFolder,
	open,
	give,
	gitOf,
	ownFiles = [],
}: {
	readonly stateFolder: string;
	/** Other files that the editor may open, such as the configuration. */
	readonly ownFiles?: readonly string[];
	readonly open: (tool: Tool, file: string, git?: OwnGit) => Promise<number>;
	readonly give: (to: 'clipboard' | 'browser', text: string) => Promise<boolean>;
	/** Git folder for tools in an agent's worktree, instead of the agent's own. */
	readonly gitOf: RoomStore['personGit'];
}): TerminalTools => {
	const folder = join(stateFolder, 'edits');
	const isOurs = (path: string): boolean => {
		const place = realpathSync(path);
		return (
			ownFiles.some(file => existsSync(file) && realpathSync(file) === place) ||
			['worktrees', 'trials'].some(name => place.startsWith(`${realpathSync(stateFolder)}/${name}/`))
		);
	};
	const fileOf = (name: string): string => join(folder, `${basename(name)}.yaml`);

	return {
		edit: async (name, text) => {
			const file = fileOf(name);
			const isKept = existsSync(file);
			try {
				mkdirSync(folder, {recursive: true, mode: 0o700});
				if (!isKept) writeFileSync(file, text, {mode: 0o600, flag: 'wx'});
			} catch (error) {
				return {ok: false, message: `\`${file}\` cannot be written (${nameOf(error)}).`};
			}
			const exitCode = await open('editor', file);
			if (exitCode === MISSING) return {ok: false, message: NO_EDITOR};
			if (exitCode !== 0) return {ok: false, message: `The editor exited with ${exitCode}: nothing was changed. The text is in ${file}.`};
			try {
				if (statSync(file).size > MOST) return {ok: false, message: `The text in ${file} is too long.`};
				return {ok: true, text: readFileSync(file, 'utf8')};
			} catch (error) {
				return {ok: false, message: `\`${file}\` cannot be read (${nameOf(error)}).`};
			}
		},
		forget: name => rmSync(fileOf(name), {force: true}),
		show: async (name, text) => {
			const file = join(folder, basename(name));
			try {
				mkdirSync(folder, {recursive: true, mode: 0o700});
				writeFileSync(file, text, {mode: 0o600});
			} catch (error) {
				return `\`${file}\` cannot be written (${nameOf(error)}).`;
			}
			const exitCode = await open('editor', file);
			rmSync(file, {force: true});
			return exitCode === MISSING ? NO_EDITOR : '';
		},
		page: async log => {
			const file = join(stateFolder, 'logs', basename(log));
			const copy = join(folder, `${basename(log)}.txt`);
			try {
				mkdirSync(folder, {recursive: true, mode: 0o700});
				writeFileSync(copy, linesOf(file), {mode: 0o600});
			} catch (error) {
				return nameOf(error) === 'ENOENT' ? `The log \`${basename(log)}\` is gone.` : `\`${file}\` cannot be read (${nameOf(error)}).`;
			}
			const exitCode = await open('pager', copy);
			rmSync(copy, {force: true});
			return exitCode === MISSING ? `No pager found. The log is ${file}.` : '';
		},
		work: async (tool, path) => {
			const isFolder = statSync(path, {throwIfNoEntry: false})?.isDirectory();
			if (isFolder === undefined || (tool !== 'editor' && !isFolder)) return `\`${path}\` no longer exists.`;
			// The stored worktree path is untrusted: only the room's own folders are entered.
			if (!isOurs(path)) return `\`${path}\` is not a worktree of this room.`;
			let git: PersonGit | undefined;
			try {
				git = tool === 'trial' ? undefined : await gitOf(realpathSync(path));
			} catch (error) {
				return `\`${path}\` cannot be opened: ${error instanceof Error ? error.message : String(error)}.`;
			}
			const exitCode = await open(tool === 'editor' && isFolder ? 'folder' : tool, path, git && {gitDir: git.gitDir, folder: git.folder});
			await git?.end();
			if (exitCode !== MISSING) return '';
			return tool !== 'editor' ? 'No shell found. Set $SHELL in the shell that opens the room.' : NO_EDITOR;
		},
		copy: text => give('clipboard', text),
		browse: url => give('browser', url),
	};
};

/**
 * Stores the hints a user has seen, next to the state of all rooms, or in a state folder elsewhere. If that fails the hint is shown again.
 */
export const createHintsSeen = (stateFolder: string): HintsSeen => {
	const parent = dirname(stateFolder);
	const folder = basename(parent) === 'agent-room' ? parent : stateFolder;
	const file = join(folder, 'knows-way-back');
	return {
		knowsWayBack: () => existsSync(file),
		learnWayBack: () => {
			try {
				mkdirSync(folder, {recursive: true, mode: 0o700});
				writeFileSync(file, '', {mode: 0o600});
			} catch {
				// On a full disk the hint is shown again.
			}
		},
	};
};

/** Longer files were not written here, bytes. */
const MOST_REMEMBERED = 256 * 1024;

/** Stores a user's texts in the state folder, each in its own file (mode 0600), atomically. */
export const createMemory = (stateFolder: string): SavedState => {
	const folder = join(stateFolder, 'memory');
	const fileOf = (name: string): string => join(folder, `${basename(name)}.json`);
	return {
		recall: name => {
			try {
				return statSync(fileOf(name)).size > MOST_REMEMBERED ? '' : readFileSync(fileOf(name), 'utf8');
			} catch {
				return '';
			}
		},
		keep: (name, text) => {
			const file = fileOf(name);
			try {
				if (text === '') return rmSync(file, {force: true});
				mkdirSync(folder, {recursive: true, mode: 0o700});
				writeFileSync(`${file}.new`, text, {mode: 0o600});
				renameSync(`${file}.new`, file);
			} catch {
				// On a full disk only the stored text is lost.
			}
		},
	};
};
