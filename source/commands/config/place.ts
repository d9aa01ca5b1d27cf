import {createHash} from 'node:crypto';
import {
	accessSync,
	chmodSync,
	constants,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	realpathSync,
	renameSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {homedir} from 'node:os';
import {basename, dirname, isAbsolute, join, resolve} from 'node:path';
import {quote} from '../../core/text/quote.ts';
import {isBare, mainOfBare, nameOfBare, readGitLine} from '../../git/repository/bare.ts';
import {holdsCommit} from '../../git/repository/holds.ts';
import {readMark} from '../../git/repository/mark.ts';
import {codeOf} from '../../os/error-code.ts';
import {type Invocation, notReady, textFlag, wrongUsage} from '../parse/command.ts';
import {asMember} from './joined.ts';
import {type GivenRedis, readRedis} from './redis-access.ts';

/** A repository as found on the disk. `root` is the top of its main work tree, so that all its worktrees share one room. */
type Located = {readonly root: string; readonly commonDir: string; readonly name: string};

/** The git folder that a `.git` entry stands for: itself, or what its `gitdir:` line names. A path may have line breaks. */
const gitFolderOf = (entry: string): string | undefined => {
	if (statSync(entry).isDirectory()) return existsSync(join(entry, 'HEAD')) ? entry : undefined;
	const line = readGitLine(entry);
	const target = line.startsWith('gitdir: ') ? line.slice('gitdir: '.length) : '';
	if (target === '') return undefined;
	return isAbsolute(target) ? target : resolve(dirname(entry), target);
};

/** A bare repository with worktrees, from itself or from the folder that names it: all share the room of one of them. */
const bareAt = (commonDir: string): Located | undefined => {
	const root = existsSync(join(commonDir, 'worktrees')) && isBare(commonDir) ? mainOfBare(commonDir) : '';
	return root === '' ? undefined : {root, commonDir, name: nameOfBare(commonDir)};
};

const isGitFolder = (folder: string): boolean => ['HEAD', 'objects', 'refs', 'config'].every(name => existsSync(join(folder, name)));

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
			const common = readGitLine(join(gitFolder, 'commondir'));
			const commonDir = realpathSync(common ? resolve(gitFolder, common) : gitFolder);
			const bare = bareAt(commonDir);
			if (bare) return bare;
			const root = common && basename(commonDir) === '.git' ? dirname(commonDir) : realpathSync(current);
			return {root, commonDir, name: basename(common && basename(commonDir) !== '.git' ? commonDir : root)};
		}
		const bare = isGitFolder(current) ? bareAt(realpathSync(current)) : undefined;
		if (bare) return bare;
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

/** The repository that a state folder is of, as it was seen last; undefined if it says nothing. */
const repositoryOf = (stateFolder: string): Located | undefined => {
	try {
		const {root, commonDir, name}: Partial<Located> = JSON.parse(readFileSync(join(stateFolder, REPOSITORY_FILE), 'utf8'));
		if (typeof root !== 'string' || typeof commonDir !== 'string' || typeof name !== 'string') return undefined;
		return {root, commonDir, name};
	} catch {
		return undefined;
	}
};

/** The repository of the room whose worktree a folder is. What the worktree itself says is not asked, and the state folder must be the one of that repository. */
const roomAround = (folder: string): Located | undefined => {
	const stateFolder = dirname(dirname(folder));
	if (!['worktrees', 'trials', 'tests'].includes(basename(dirname(folder)))) return undefined;
	const known = repositoryOf(stateFolder);
	return known && stateFolderIn(dirname(stateFolder), known) === stateFolder && existsSync(known.commonDir) ? known : undefined;
};

/** What the state folder of a repository is called. */
const stateName = ({name, commonDir}: Pick<Located, 'name' | 'commonDir'>): string => {
	const plain = name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 32) || 'repository';
	return `${plain}-${createHash('sha256').update(commonDir).digest('hex').slice(0, 10)}`;
};

/** Next to where the state folder of a moved repository would be: the name of the one that it continues with. */
const pointerOf = (folder: string): string => `${folder}.moved`;

/** A repository that was moved keeps its state folder; another that took its old place has one with a number. */
const stateFolderIn = (states: string, repository: Pick<Located, 'name' | 'commonDir'>): string => {
	const isOf = (folder: string): boolean => repositoryOf(folder)?.commonDir === repository.commonDir;
	const own = join(states, stateName(repository));
	const moved = readGitLine(pointerOf(own));
	if (/^[A-Za-z0-9._-]+$/.test(moved) && isOf(join(states, moved))) return join(states, moved);
	let folder = own;
	for (let number = 2; repositoryOf(folder) !== undefined && !isOf(folder); number++) folder = `${own}-${number}`;
	return folder;
};

/** Where the state of one repository's room lives: `<repo>-<hash>` below those of all. `ensureStateFolder` makes it. */
export const stateFolderFor = (
	repository: {readonly name: string; readonly commonDir: string},
	environment: Readonly<Record<string, string | undefined>>,
): string => stateFolderIn(statesFolder(environment), repository);

/** A room whose repository is gone from its place while this one holds the first commit of its base. */
export type MovedRoom = {readonly from: string; readonly stateFolder: string};

/** The room that a repository without one may have had where it was before; the one used last. */
const movedRoom = (repository: Located, states: string): MovedRoom | undefined => {
	const names = existsSync(states) ? readdirSync(states) : [];
	return names
		.map(name => join(states, name))
		.flatMap(stateFolder => {
			const known = repositoryOf(stateFolder);
			const mark = known && !existsSync(known.commonDir) ? readMark(stateFolder) : undefined;
			if (!known || !mark || !holdsCommit(repository.commonDir, mark.identity)) return [];
			return [{from: known.root, stateFolder, usedAt: statSync(stateFolder).mtimeMs}];
		})
		.toSorted((one, other) => other.usedAt - one.usedAt)[0];
};

/** What there is to decide for the repository of a command that has no room yet; undefined where nothing is. */
export const findMovedRoom = (invocation: Invocation): MovedRoom | undefined => {
	const repository = locateRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
	const states = statesFolder(invocation.environment);
	return repositoryOf(stateFolderIn(states, repository)) ? undefined : movedRoom(repository, states);
};

/** Continues that room in the repository of a command, or, without one, gives it an empty one of its own. */
export const settleMove = (invocation: Invocation, moved: MovedRoom | undefined): void => {
	const repository = locateRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
	const states = statesFolder(invocation.environment);
	const own = stateFolderIn(states, repository);
	if (moved) writeFileSync(pointerOf(own), `${basename(moved.stateFolder)}\n`, {mode: 0o600});
	else ensureStateFolder(own);
	noteRepository(moved?.stateFolder ?? own, repository);
};

const CLOSED = 'closed';

/** Refuses before anything is written: half of what a start writes would be a riddle. */
const assertWritable = (folder: string): void => {
	for (const closed of [folder, join(folder, 'redis')])
		try {
			accessSync(closed, constants.W_OK | constants.X_OK);
		} catch (error) {
			if (codeOf(error) === 'ENOENT') continue;
			throw Object.assign(new Error(closed === folder ? 'you may not write there' : `you may not write to \`${closed}\``), {code: CLOSED});
		}
};

/** Makes the folder with mode 0700. Refuses what is no folder, a link, or somebody else's: the socket inside is the door to the room. */
export const ensureStateFolder = (folder: string): void => {
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		const found = lstatSync(folder);
		if (!found.isDirectory()) throw new Error('it is not a folder');
		if (process.getuid && found.uid !== process.getuid()) throw new Error('it belongs to another user');
		if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
		assertWritable(folder);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		const hint = 'Set XDG_STATE_HOME to a folder that belongs to you.';
		throw notReady(
			'state-folder',
			`Cannot use the state folder \`${folder}\`: ${reason}.`,
			codeOf(error) === CLOSED ? `Run: chmod -R u+rwX ${quote(folder)}` : hint,
		);
	}
};

const noteRepository = (stateFolder: string, repository: Located): void => {
	const file = join(stateFolder, REPOSITORY_FILE);
	const text = JSON.stringify(repository);
	if (readGitLine(file) === text) return;
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

/** Finds the place of a command from its flags and environment, and makes the state folder. Refuses (exit 3) outside a repository, and where a moved repository may have a room already. */
export const findPlace = (invocation: Invocation): Place => {
	const repository = locateRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
	const states = statesFolder(invocation.environment);
	const stateFolder = stateFolderIn(states, repository);
	const moved = repositoryOf(stateFolder) ? undefined : movedRoom(repository, states);
	if (moved)
		throw notReady(
			'moved',
			`This repository has no room, and the room of \`${moved.from}\` has lost its repository, which began with the same commit.`,
			'Moved? `agent-room moved` continues that room here, `agent-room moved --new` starts an empty one.',
		);
	ensureStateFolder(stateFolder);
	noteRepository(stateFolder, repository);
	const asked = asMember(invocation, stateFolder);
	return {repository, stateFolder, namespace: readNamespace(asked), ...readRedis(asked)};
};
