import {execFile, spawn} from 'node:child_process';
import {mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {isPidTaken} from '../../source/os/process-identity.ts';
import {cacheFolder, folderOf, type Installed, installed, MARK, programOf} from './cache.ts';
import {PINNED, type RealCli} from './pinned.ts';

export type Options = {
	readonly cache?: string;
	/** How long npm may take, ms. */
	readonly mostMs?: number;
	/** Puts a package into the folder; npm unless a test says otherwise. */
	readonly fetch?: (name: RealCli, folder: string, mostMs: number) => Promise<string>;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs npm in a group of its own, so that nothing of it outlives its time. '' when it went well, else what it said last. */
const npmInstall = (name: RealCli, folder: string, mostMs: number): Promise<string> =>
	new Promise(resolve => {
		const {package: packageName, version} = PINNED[name];
		const args = ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', `${packageName}@${version}`];
		writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
		const npm = spawn('npm', args, {cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe']});
		let said = '';
		for (const stream of [npm.stdout, npm.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => {
				said = (said + text).slice(-2000);
			});
		const end = (why: string): void => {
			said = why;
			if (npm.pid !== undefined && npm.exitCode === null && npm.signalCode === null) process.kill(-npm.pid, 'SIGKILL');
		};
		const interrupt = (): void => end('It was interrupted.');
		const timer = setTimeout(() => end(`It took longer than ${mostMs} ms.`), mostMs);
		const settle = (problem: string): void => {
			clearTimeout(timer);
			for (const signal of SIGNALS) process.off(signal, interrupt);
			resolve(problem);
		};
		for (const signal of SIGNALS) process.once(signal, interrupt);
		npm.once('error', error => settle(error.message));
		npm.once('close', code => settle(code === 0 ? '' : said.trim() || `npm ended with ${code}.`));
	});

/** The version that the program tells, or '' where it tells none. */
const versionOf = (program: string): Promise<string> =>
	new Promise(resolve => {
		execFile(program, ['--version'], {timeout: 30_000, killSignal: 'SIGKILL'}, (error, stdout) =>
			resolve(error ? '' : (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? '')),
		);
	});

/** One installer at a time: a file with its pid. One whose owner is gone, or that nobody finished writing, is taken away. */
const takeLock = async (file: string, mostMs: number): Promise<boolean> => {
	const deadline = Date.now() + mostMs;
	for (;;) {
		try {
			writeFileSync(file, String(process.pid), {flag: 'wx'});
			return true;
		} catch {
			if (Date.now() > deadline) return false;
		}
		try {
			const pid = Number(readFileSync(file, 'utf8'));
			const isOld = Date.now() - statSync(file).mtimeMs > 5000;
			if (pid ? !isPidTaken(pid) : isOld) rmSync(file, {force: true});
		} catch {
			// Its owner let it go in this moment.
		}
		await wait(100);
	}
};

/**
 * Installs the pinned version into the cache unless it is there and tells its version. It appears under its name in one step, whole; a
 * broken one is replaced; two installers wait for one another. What went wrong is told, not thrown.
 */
export const install = async (
	name: RealCli,
	{cache = cacheFolder(), mostMs = 180_000, fetch = npmInstall}: Options = {},
): Promise<Installed> => {
	const folder = folderOf(name, cache);
	const {version} = PINNED[name];
	const isWhole = async (): Promise<boolean> =>
		'program' in installed(name, cache) && (await versionOf(programOf(name, folder))) === version;
	mkdirSync(cache, {recursive: true});
	const lock = `${folder}.lock`;
	if (!(await takeLock(lock, mostMs + 60_000))) return {reason: `Another installer holds ${lock}.`};
	const made = `${folder}.new`;
	try {
		if (await isWhole()) return installed(name, cache);
		for (const old of [made, folder]) rmSync(old, {recursive: true, force: true, maxRetries: 3});
		mkdirSync(made);
		const problem = await fetch(name, made, mostMs);
		if (problem) return {reason: `${name} ${version} could not be installed: ${problem}`};
		const told = await versionOf(programOf(name, made));
		if (told !== version) return {reason: `${name} ${version} was installed and tells ${told ? `version ${told}` : 'no version'}.`};
		writeFileSync(join(made, MARK), version);
		renameSync(made, folder);
		return installed(name, cache);
	} catch (error) {
		return {reason: `${name} ${version} could not be installed: ${String(error)}`};
	} finally {
		rmSync(made, {recursive: true, force: true});
		rmSync(lock, {force: true});
	}
};
