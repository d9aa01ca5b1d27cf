import {cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {runApart} from './apart.ts';
import {temporaryFolder} from './cleanup.ts';
import {letGitRunApart} from './git-apart.ts';
import {fileFolder} from './own-home.ts';
import {cleanEnvironment} from './program.ts';

/** A real repository of the running test on branch `main`, and plain git in it as a person would type it. */
export type TestRepository = {
	readonly root: string;
	/** A folder beside it for the room's state. */
	readonly stateFolder: string;
	/** Runs git with an argument array (in another folder too); its output without the last newline. Throws where git fails. */
	git(args: readonly string[], folder?: string): string;
	write(path: string, content: string, folder?: string): void;
	read(path: string, folder?: string): string;
	/** Commits everything there is; the commit's id. */
	commit(message: string, folder?: string): string;
	/** A new branch with one commit that writes these files, made without touching any work tree. */
	branch(name: string, files: Readonly<Record<string, string>>, from?: string): string;
	head(ref?: string): string;
	/** Takes in a stream of `git fast-import`. */
	pour(stream: string): void;
};

/** The person's git: a person's identity, nothing of the machine's configuration. */
const environment = cleanEnvironment({
	GIT_CONFIG_GLOBAL: '/dev/null',
	GIT_CONFIG_NOSYSTEM: '1',
	GIT_AUTHOR_NAME: 'Person',
	GIT_AUTHOR_EMAIL: 'person@example.org',
	GIT_COMMITTER_NAME: 'Person',
	GIT_COMMITTER_EMAIL: 'person@example.org',
});

const empty = join(fileFolder, 'empty');

/** What `git init` makes, on the branch `main`: git makes it once, then it is copied. */
export const initRepository = (folder: string, env: NodeJS.ProcessEnv): void => {
	if (!existsSync(empty)) {
		mkdirSync(empty);
		runApart('git', ['init', '--quiet', '--initial-branch=main'], {cwd: empty, env});
		const hooks = join(empty, '.git', 'hooks');
		for (const sample of readdirSync(hooks)) rmSync(join(hooks, sample));
	}
	cpSync(join(empty, '.git'), join(folder, '.git'), {recursive: true});
};

/** Commits everything there is. Without the look whether something is to be tidied up that git takes after each commit: it is a process more. */
export const commitAll = (folder: string, message: string, env: NodeJS.ProcessEnv): void => {
	runApart('git', ['add', '--all'], {cwd: folder, env});
	runApart('git', ['-c', 'maintenance.auto=false', 'commit', '--quiet', '--allow-empty', '-m', message], {cwd: folder, env});
};

/** What a branch is at, read from its file: undefined where that is not the whole truth, which git knows then. */
const branchHead = (gitFolder: string, name: string): string | undefined => {
	const [branch, tag] = ['heads', 'tags'].map(kind => join(gitFolder, 'refs', kind, name)) as [string, string];
	if (!/^[\w/-]+$/.test(name) || name === 'HEAD' || existsSync(tag)) return undefined;
	const text = existsSync(branch) && statSync(branch).isFile() ? readFileSync(branch, 'utf8') : '';
	return /^[0-9a-f]{40}\n$/.test(text) ? text.trimEnd() : undefined;
};

/** For `git fast-import`: one commit of a person on a new branch. A path may hold any byte. */
const commitStream = (branch: string, changed: Readonly<Record<string, string>>, from: string): string => {
	const quoted = (path: string): string =>
		`"${[...Buffer.from(path)].map(byte => (/[\w./-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')}"`;
	const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
	const person = `Person <person@example.org> ${Math.floor(Date.now() / 1000)} +0000`;
	return [
		`commit refs/heads/${branch}\nauthor ${person}\ncommitter ${person}\n${data(`work of ${branch}\n`)}from ${from}\n`,
		...Object.entries(changed).map(([path, content]) => `M 100644 inline ${quoted(path)}\n${data(content)}`),
	].join('');
};

/** A repository in a folder of its own, of which `make` makes `root`. */
const repositoryIn = (make: (root: string, folder: string) => void): TestRepository => {
	// A file with repositories starts git many times.
	letGitRunApart();
	const folder = realpathSync(temporaryFolder('git'));
	const root = join(folder, 'project');
	make(root, folder);
	const git = (args: readonly string[], where = root): string =>
		runApart('git', args, {cwd: where, env: environment}).toString().replace(/\n$/, '');
	const write = (path: string, content: string, where = root): void => {
		mkdirSync(dirname(join(where, path)), {recursive: true});
		writeFileSync(join(where, path), content);
	};
	const head = (ref: string): string => branchHead(join(root, '.git'), ref) ?? git(['rev-parse', ref]);
	const commit = (message: string, where = root): string => {
		commitAll(where, message, environment);
		return git(['rev-parse', 'HEAD'], where);
	};
	const pour = (stream: string): void =>
		void runApart('git', ['fast-import', '--quiet', '--force'], {cwd: root, env: environment, input: stream});
	return {
		root,
		stateFolder: join(folder, 'state'),
		git,
		write,
		read: (path, where = root) => readFileSync(join(where, path), 'utf8'),
		commit,
		branch: (name, changed, from = 'main') => {
			if (branchHead(join(root, '.git'), name) !== undefined) throw new Error(`There is a branch \`${name}\` already.`);
			pour(commitStream(name, changed, from));
			return head(name);
		},
		head: (ref = 'main') => head(ref),
		pour,
	};
};

/** Makes a repository with one commit of `files`, then one commit for each further entry of `commits`. Removed when the test ends. */
export const createTestRepository = ({
	files = {'README.md': 'hello\n'},
	commits = [],
}: {
	readonly files?: Readonly<Record<string, string>>;
	readonly commits?: readonly Readonly<Record<string, string>>[];
} = {}): TestRepository => {
	const made = repositoryIn(root => {
		mkdirSync(root);
		initRepository(root, environment);
	});
	for (const [at, entry] of [files, ...commits].entries()) {
		for (const [path, content] of Object.entries(entry)) made.write(path, content);
		commitAll(made.root, `commit ${at + 1}`, environment);
	}
	return made;
};

/** A clone of whatever lies there, as a person makes it; removed when the test ends. */
export const cloneTestRepository = (from: string): TestRepository =>
	repositoryIn((root, folder) => void runApart('git', ['clone', '--quiet', from, root], {cwd: folder, env: environment}));
