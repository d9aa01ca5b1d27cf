import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
export const bin = join(root, 'bin', 'agent-room.js');

/** A repository with a configuration of its own, and a state folder that is nobody else's. */
export type BenchRepository = {
	readonly folder: string;
	readonly env: Record<string, string>;
	run(...args: string[]): string;
	remove(): void;
};

export const createBenchRepository = (config: string): BenchRepository => {
	const top = mkdtempSync(join(tmpdir(), 'ar-b-'));
	const folder = join(top, 'shop');
	mkdirSync(folder);
	const env = {
		PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
		HOME: top,
		XDG_STATE_HOME: join(top, 's'),
		XDG_CONFIG_HOME: join(top, 'c'),
		GIT_CONFIG_NOSYSTEM: '1',
		TERM: 'xterm-256color',
		LANG: 'C.UTF-8',
		AGENT_ROOM_TRUST: '1',
	};
	const git = (...args: string[]): void =>
		void execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], {cwd: folder, env, stdio: 'ignore'});
	git('init', '-b', 'main');
	writeFileSync(join(folder, 'README.md'), 'bench\n');
	writeFileSync(join(folder, 'agent-room.yaml'), config);
	git('add', '.');
	git('commit', '-m', 'start');
	return {
		folder,
		env,
		run: (...args) => execFileSync(process.execPath, [bin, ...args], {cwd: folder, env, encoding: 'utf8'}),
		remove: () => rmSync(top, {recursive: true, force: true, maxRetries: 5, retryDelay: 100}),
	};
};
