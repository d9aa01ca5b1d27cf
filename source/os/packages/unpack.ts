import {chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {libraryFolders, loaderOf, makeOwnPrograms, noteOwnPrograms, type OwnProgram, starter, unpackedFile} from './own-programs.ts';

/** Runs a command and resolves with exit code and output. Its stderr is shown to the user unless `isLook`. */
export type RunCommand = (
	command: readonly string[],
	how?: {readonly isLook: boolean},
) => Promise<{readonly code: number; readonly stdout: string}>;

/** A failed step, in words. */
export class UnpackFailed extends Error {
	override readonly name = 'UnpackFailed';
}

type Step = {readonly packages: readonly string[]; readonly work: string; readonly tree: string; readonly run: RunCommand};

/** Downloads packages with missing dependencies and unpacks them, without root. */
type Way = {readonly program: string; readonly unpack: (step: Step) => Promise<void>};

const must = async (run: RunCommand, command: readonly string[]): Promise<string> => {
	const {code, stdout} = await run(command);
	if (code !== 0) throw new UnpackFailed(`\`${command.join(' ')}\` ended with ${code}`);
	return stdout;
};

const filesIn = (folder: string, ending: string): readonly string[] =>
	readdirSync(folder)
		.filter(name => name.endsWith(ending))
		.map(name => join(folder, name));

/** apt with its lists and packages in a private folder, so that it needs no lock and no root; reads the machine's own package status. */
const apt: Way = {
	program: 'apt-get',
	unpack: async ({packages, work, tree, run}) => {
		const archives = join(work, 'archives');
		for (const folder of ['lists', 'archives']) mkdirSync(join(work, folder, 'partial'), {recursive: true});
		const options = [
			'Debug::NoLocking=1',
			`Dir::State::Lists=${join(work, 'lists')}`,
			`Dir::Cache=${work}`,
			`Dir::Cache::archives=${archives}`,
			'APT::Sandbox::User=root',
		].flatMap(option => ['-o', option]);
		// Ignores a failing update: one broken source is common.
		await run(['apt-get', ...options, '-qq', 'update']);
		const install = ['-qq', '-y', '--no-install-recommends', '--reinstall', '--download-only', 'install', ...packages];
		await must(run, ['apt-get', ...options, ...install]);
		for (const file of filesIn(archives, '.deb')) await must(run, ['dpkg-deb', '--extract', file, tree]);
	},
};

const dnf: Way = {
	program: 'dnf',
	unpack: async ({packages, work, tree, run}) => {
		await must(run, ['dnf', 'download', '--resolve', `--destdir=${work}`, ...packages]);
		for (const file of filesIn(work, '.rpm')) {
			await must(run, ['rpm2archive', file]);
			await must(run, ['tar', '-xzf', `${file}.tgz`, '-C', tree]);
		}
	},
};

const apk: Way = {
	program: 'apk',
	unpack: async ({packages, work, tree, run}) => {
		await must(run, ['apk', 'fetch', '--no-cache', '--recursive', '--output', work, ...packages]);
		for (const file of filesIn(work, '.apk')) await must(run, ['tar', '-xzf', file, '-C', tree]);
	},
};

/** pacman only downloads as root, but prints the public URLs. */
const pacman: Way = {
	program: 'pacman',
	unpack: async ({packages, work, tree, run}) => {
		const urls = (await must(run, ['pacman', '-Sp', '--noconfirm', ...packages])).split('\n').filter(line => /^https?:\/\//.test(line));
		for (const url of urls) {
			const file = join(work, basename(new URL(url).pathname));
			await must(run, ['curl', '--fail', '--silent', '--show-error', '--location', '--output', file, '--', url]);
			await must(run, ['tar', '-xf', file, '-C', tree]);
		}
	},
};

/** Parts of `usr/share` to skip. */
const UNREAD = ['doc', 'info', 'lintian', 'locale', 'man'];

const WAYS: readonly Way[] = [apt, dnf, apk, pacman];

/** Whether packages of this manager can be unpacked without root. */
export const canUnpack = (manager: string): boolean => WAYS.some(({program}) => program === manager);

/**
 * Downloads distribution packages with the libraries this machine lacks and unpacks them below `folder` for this user; each of `programs`
 * gets a command in its `bin`. Throws `UnpackFailed`; `bin` is unchanged then.
 */
export const unpackPrograms = async ({
	folder,
	packages,
	programs,
	manager,
	run,
}: {
	readonly folder: string;
	readonly packages: readonly string[];
	/** Wanted programs; those that no package contains are missing from the result. */
	readonly programs: readonly string[];
	readonly manager: string;
	readonly run: RunCommand;
}): Promise<readonly OwnProgram[]> => {
	const way = WAYS.find(({program}) => program === manager);
	if (!way) throw new UnpackFailed(`\`${manager}\` cannot unpack for one user`);
	if (!makeOwnPrograms(folder)) throw new UnpackFailed(`\`${folder}\` cannot be created, or others can write to it`);
	const work = mkdtempSync(join(folder, '.download-'));
	const tree = join(folder, 'lib');
	try {
		mkdirSync(tree, {recursive: true});
		await way.unpack({packages, work, tree, run});
		for (const name of UNREAD) rmSync(join(tree, 'usr/share', name), {recursive: true, force: true});
		const libraries = libraryFolders(tree);
		mkdirSync(join(folder, 'bin'), {recursive: true});
		const made: OwnProgram[] = [];
		for (const name of programs) {
			const file = unpackedFile(tree, name);
			if (file === undefined) continue;
			const loader = loaderOf(file);
			const listed = loader && (await run([loader, '--list', file], {isLook: true}));
			const isComplete = !listed || (listed.code === 0 && !listed.stdout.includes('not found'));
			const command = join(folder, 'bin', name);
			writeFileSync(command, starter(name, file, {tree, loader: isComplete ? undefined : loader, libraries}));
			chmodSync(command, 0o755);
			made.push({name, package: manager, file});
		}
		noteOwnPrograms(folder, made);
		return made;
	} finally {
		rmSync(work, {recursive: true, force: true});
	}
};
