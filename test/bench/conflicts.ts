import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {guardEnvironment, writeRefGuard} from '../../source/git/guard/guard.ts';
import {createPredictor, type Live} from '../../source/git/merge/conflicts.ts';
import {openRepository, type Repository} from '../../source/git/repository/repository.ts';
import {figure, figures, head, line, verdict} from './stats.ts';

const BRANCHES = 50;
const FILES = 200;
const COMMITS = 30;

const ENVIRONMENT = {
	PATH: process.env.PATH ?? '',
	HOME: '/nonexistent',
	GIT_CONFIG_NOSYSTEM: '1',
	GIT_AUTHOR_NAME: 'Bench',
	GIT_AUTHOR_EMAIL: 'bench@example.org',
	GIT_COMMITTER_NAME: 'Bench',
	GIT_COMMITTER_EMAIL: 'bench@example.org',
};
const runGit = (folder: string, args: readonly string[], input = '', more: Readonly<Record<string, string>> = {}): string =>
	execFileSync('git', args, {cwd: folder, env: {...ENVIRONMENT, ...more}, encoding: 'utf8', input}).trim();

const text = (change: string): string => Array.from({length: 9}, (_, at) => `${at === 4 ? change : `line ${at}`}\n`).join('');
const commit = (ref: string, from: string, files: ReadonlyMap<string, string>): string => {
	const written = [...files].map(([path, content]) => `M 100644 inline ${path}\ndata ${content.length}\n${content}\n`);
	return `commit ${ref}\n${from === '' ? 'mark :1\n' : ''}committer B <b@e> 1700000000 +0000\ndata 1\nc\n${from === '' ? '' : `from ${from}\n`}${written.join('')}`;
};

/** A repository of 200 files and 50 branches, each of which changes two files that its neighbours change as well. */
const branches = (root: string): void => {
	const names = Array.from({length: FILES}, (_, at) => `src/${at}.txt`);
	const base = commit('refs/heads/main', '', new Map(names.map(name => [name, text('before')])));
	const each = Array.from({length: BRANCHES}, (_, at) =>
		commit(`refs/heads/b${at}`, ':1', new Map([at, (at + 1) % BRANCHES].map(file => [`src/${file}.txt`, text(`by ${at}`)]))),
	);
	runGit(root, ['fast-import', '--quiet', '--force'], `${base}${each.join('')}`);
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
	const since = performance.now();
	await work();
	return performance.now() - since;
};

const benchPredictor = async (print: (text: string) => void, repository: Repository, folder: string): Promise<void> => {
	const {root} = repository;
	const live: readonly Live[] = Array.from({length: BRANCHES}, (_, at) => ({id: `t-${at}`, head: runGit(root, ['rev-parse', `b${at}`])}));
	const main = runGit(root, ['rev-parse', 'main']);
	const moved = runGit(root, ['commit-tree', '-p', live[0]?.head ?? '', '-m', 'moved', `${live[0]?.head}^{tree}`]);
	const all: number[] = [];
	const one: number[] = [];
	for (let round = 0; round < 5; round++) {
		const predictor = createPredictor(repository, join(folder, 'radar.git'));
		await predictor.look([], main);
		all.push(await timed(() => predictor.look(live, main)));
		one.push(await timed(() => predictor.look([{id: 't-0', head: moved}, ...live.slice(1)], main)));
	}
	const pairs = figures(all).p50;
	print(`${figure(`${BRANCHES} branches, all pairs and the base`, pairs, 'ms')}   ${verdict(pairs, {atMost: 300, unit: ' ms'})}`);
	print(figure('one of them has moved', figures(one).p50, 'ms', pairs));
};

const benchGuard = async (print: (text: string) => void, repository: Repository, folder: string): Promise<void> => {
	writeRefGuard(join(folder, 'hooks'));
	// As an agent has it, of a store beside the user's repository, where the guard lets it move nothing.
	const worktree = join(folder, 'work');
	const store = join(folder, 'trees.git');
	runGit(folder, ['clone', '--quiet', '--bare', repository.root, store]);
	runGit(store, ['worktree', 'add', '--quiet', '-b', 'agent/bench', worktree, 'main']);
	const guard = await guardEnvironment({repository, folder: join(folder, 'hooks'), worktree});
	const description = join(folder, 'brief');
	writeFileSync(description, '');
	const paths = {...guard, AGENT_ROOM_BASE: 'nothing', AGENT_ROOM_BRANCH: 'agent/bench', AGENT_ROOM_BRIEF_FILE: description};
	const samples = {plain: [] as number[], protectedPaths: [] as number[]};
	for (let round = 0; round < COMMITS; round++)
		for (const [name, more] of [
			['plain', {}],
			['protectedPaths', paths],
		] as const)
			samples[name].push(await timed(async () => runGit(worktree, ['commit', '--quiet', '--allow-empty', '-m', 'x'], '', more)));
	print(head('A commit of an agent', 'without the guard'));
	print(line('plain git', figures(samples.plain)));
	print(line('with the guard of refs', figures(samples.protectedPaths), figures(samples.plain)));
};

/** The conflict radar over 50 branches, and what the guard of refs costs a commit. */
export const benchConflicts = async (print: (text: string) => void): Promise<void> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-bench-'));
	try {
		const root = join(folder, 'project');
		mkdirSync(root);
		runGit(root, ['init', '--quiet', '--initial-branch=main']);
		branches(root);
		const repository = await openRepository(root);
		print(`\nConflicts, predicted${''.padEnd(50)}of all pairs`);
		await benchPredictor(print, repository, folder);
		await benchGuard(print, repository, folder);
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
};
