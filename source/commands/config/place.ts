import {createHash} from 'node:crypto';
import {chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {basename, dirname, isAbsolute, join, resolve} from 'node:path';
import {type Invocation, notReady, textFlag, wrongUsage} from '../parse/command.ts';
import {type GivenRedis, readRedis} from './redis-access.ts';

/** A repository as found on the disk. `root` is the top of its main work tree, so that all its worktrees share one room. */
type Located = {readonly root: string; readonly commonDir: string; readonly name: string};

const readLine = (file: string): string | undefined => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return undefined;
	}
};

/** The git folder that a `.git` entry stands for: itself, or what its `gitdir:` line names. */
const gitFolderOf = (entry: string): string | undefined => {
	if (statSync(entry).isDirectory()) return existsSync(join(entry, 'HEAD')) ? entry : undefined;
	const target = /^gitdir: (.+)$/m.exec(readLine(entry) ?? '')?.[1];
	if (!target) return undefined;
	return isAbsolute(target) ? target : resolve(dirname(entry), target);
};

/**
 * Finds the repository around a folder by reading files only: a one-shot command can afford neither a git process nor a library.
 * Undefined where there is none. Opening a room asks git itself (`git/`), which knows more refusals.
 */
export const findRepository = (folder: string): Located | undefined => {
	for (let current = resolve(folder); ; current = dirname(current)) {
		const entry = join(current, '.git');
		const gitFolder = existsSync(entry) ? gitFolderOf(entry) : undefined;
		if (gitFolder && existsSync(gitFolder)) {
			const known = roomAround(current);
			if (known) return known;
			const common = readLine(join(gitFolder, 'commondir'));
			const commonDir = realpathSync(common ? resolve(gitFolder, common) : gitFolder);
			const root = common && basename(commonDir) === '.git' ? dirname(commonDir) : realpathSync(current);
			return {root, commonDir, name: basename(common && basename(commonDir) !== '.git' ? commonDir : root)};
		}
		if (current === dirname(current)) return undefined;
	}
};

/** The same; no repository is a refusal with exit 3. */
export const locateRepository = (folder: string): Located => {
	if (!existsSync(folder)) throw notReady('no-folder', `Folder \`${folder}\` does not exist.`, 'Use another one with --repo.');
	const found = findRepository(folder);
	if (found) return found;
	throw notReady(
		'no-repository',
		`\`${folder}\` is not in a git repository.`,
		'Change to one, use --repo DIR, or create one with `git init`.',
	);
};

/** Where the state of all rooms of this person lives: `$XDG_STATE_HOME/agent-room`. Pure. */
export const statesFolder = (environment: Readonly<Record<string, string | undefined>>): string => {
	const home = environment.XDG_STATE_HOME;
	// Relative XDG paths are invalid and ignored (XDG Base Directory Specification).
	return join(home?.startsWith('/') ? home : join(environment.HOME || homedir(), '.local', 'state'), 'agent-room');
};

/** What a room keeps of its repository in its state folder, for whoever stands in one of its worktrees: these are repositories of their own. */
const REPOSITORY_FILE = 'repository.json';

/** The repository of the room whose worktree a folder is. What the worktree itself says is not asked, and the state folder must be the one of that repository. */
const roomAround = (folder: string): Located | undefined => {
	const stateFolder = dirname(dirname(folder));
	if (!['worktrees', 'trials', 'tests'].includes(basename(dirname(folder)))) return undefined;
	try {
		const known: Partial<Located> = JSON.parse(readFileSync(join(stateFolder, REPOSITORY_FILE), 'utf8'));
		const {root, commonDir, name} = known;
		if (typeof root !== 'string' || typeof commonDir !== 'string' || typeof name !== 'string') return undefined;
		return basename(stateFolder) === stateName({name, commonDir}) && existsSync(commonDir) ? {root, commonDir, name} : undefined;
	} catch {
		return undefined;
	}
};

/** What the state folder of a repository is called. */
const stateName = ({name, commonDir}: Pick<Located, 'name' | 'commonDir'>): string => {
	const plain = name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 32) || 'repository';
	return `${plain}-${createHash('sha256').update(commonDir).digest('hex').slice(0, 10)}`;
};

/** Where the state of one repository's room lives: `<repo>-<hash>` below those of all. Pure; `ensureStateFolder` makes it. */
export const stateFolderFor = (
	repository: {readonly name: string; readonly commonDir: string},
	environment: Readonly<Record<string, string | undefined>>,
): string => join(statesFolder(environment), stateName(repository));

/** Makes the folder with mode 0700. Refuses what is no folder, a link, or somebody else's: the socket inside is the door to the room. */
export const ensureStateFolder = (folder: string): void => {
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		const found = lstatSync(folder);
		if (!found.isDirectory()) throw new Error('it is not a folder');
		if (process.getuid && found.uid !== process.getuid()) throw new Error('it belongs to another user');
		if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw notReady(
			'state-folder',
			`Cannot use the state folder \`${folder}\`: ${reason}.`,
			'Set XDG_STATE_HOME to a folder that belongs to you.',
		);
	}
};

const noteRepository = (stateFolder: string, repository: Located): void => {
	const file = join(stateFolder, REPOSITORY_FILE);
	const text = JSON.stringify(repository);
	if (readLine(file) === text) return;
	try {
		writeFileSync(`${file}.new-${process.pid}`, text, {mode: 0o600});
		renameSync(`${file}.new-${process.pid}`, file);
	} catch {
		// A full disk costs those who stand in a worktree the way to its room, and nothing else.
	}
};

/** A command's repository, its room's private folder, and its team's Redis. */
export type Place = {
	readonly repository: Located;
	readonly stateFolder: string;
	readonly namespace: string;
} & GivenRedis;

/** Part of key names: short, without blanks; a `{tag}` puts all keys in one Cluster slot. */
const NAMESPACE = /^(?:[A-Za-z0-9_.:-]+|\{[A-Za-z0-9_.:-]+\}[A-Za-z0-9_.:-]*)$/;

/** The namespace that a command names. */
export const readNamespace = (invocation: Invocation): string => {
	const text = textFlag(invocation, 'namespace') || 'workflow';
	if (text.length > 64 || !NAMESPACE.test(text)) {
		throw wrongUsage(`Invalid namespace \`${text}\`.`, 'Use letters, digits and `_ . : -`, with at most one `{tag}` in front.');
	}
	return text;
};

/** Finds the place of a command from its flags and environment, and makes the state folder. Refuses (exit 3) outside a repository. */
export const findPlace = (invocation: Invocation): Place => {
	const repository = locateRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
	const stateFolder = stateFolderFor(repository, invocation.environment);
	ensureStateFolder(stateFolder);
	noteRepository(stateFolder, repository);
	return {
		repository,
		stateFolder,
		namespace: readNamespace(invocation),
		...readRedis(invocation),
	};
};
