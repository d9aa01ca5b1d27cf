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

/** Longer texts than this are no plans, bytes. */
const MOST = 1024 * 1024;
const MISSING = 127;
const NO_EDITOR = 'No editor found. Set $EDITOR in the shell that opens the room.';
/** Of a long log the end is enough for a human, bytes and lines; the file has the rest. */
const END_BYTES = 1024 * 1024;
const LINES = 10_000;

const nameOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

/** What stood on the screen at the end of a log: a headless screen reads its bytes, so that no sequence of them reaches a pager. */
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
 * What one person writes and reads with own tools on the own terminal. Guarantee: what was saved in an editor is in a file of the state
 * folder (mode 0600) until it is taken, whatever dies meanwhile. `open` runs the tool on the tty and resolves with its exit code; `give`
 * offers a text to what is next to the terminal and resolves with whether it was taken.
 */
export const createTerminalTools = ({
	stateFolder,
	open,
	give,
	gitOf,
	ownFiles = [],
}: {
	readonly stateFolder: string;
	/** Files outside of it that the editor may open, such as the configuration. */
	readonly ownFiles?: readonly string[];
	readonly open: (tool: Tool, file: string, git?: OwnGit) => Promise<number>;
	readonly give: (to: 'clipboard' | 'browser', text: string) => Promise<boolean>;
	/** The git folder by which tools in a worktree of an agent's work, instead of the one that is the agent's. */
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
			// Anybody may have written where a task has its worktree: only the room's own places are gone to.
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
 * Remembers next to the state of all rooms of a human what they have learnt; in the state folder itself where that one lies elsewhere. What
 * cannot be written is shown again the next time.
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
				// A full disk costs one more lesson.
			}
		},
	};
};

/** Longer texts than this are none of ours, bytes. */
const MOST_REMEMBERED = 256 * 1024;

/** Keeps texts of a human in the state folder, each in a file of its own (mode 0600) that is written whole or not at all. */
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
				// A full disk costs the memory, never the view.
			}
		},
	};
};
