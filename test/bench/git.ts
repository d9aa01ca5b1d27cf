import {join} from 'node:path';
import {type Guardian, openGuardian} from '../../source/git/guardian/guardian.ts';
import type {QueueEntry} from '../../source/git/guardian/prefix.ts';
import {openRepository} from '../../source/git/repository/repository.ts';
import {createAttempt} from '../../source/git/worktree/create.ts';
import {poolSettled} from '../../source/git/worktree/pool.ts';
import {removeWorktree} from '../../source/git/worktree/remove.ts';
import {type BenchRepository, createBenchRepository, fileName} from './git-repository.ts';
import {figures, head, line, verdict} from './stats.ts';

const ROUNDS = 25;
const MERGE_QUEUE = 8;
const DEVELOPERS = 16;

/** Milliseconds of one run. */
const timed = async (work: () => unknown): Promise<number> => {
	const start = performance.now();
	await work();
	return performance.now() - start;
};

/** Candidates of new tasks, each on the one before it. `round` keeps their files and names apart. */
const prepareQueue = async (repository: BenchRepository, guardian: Guardian, round: number, length: number) => {
	const expectedBase = repository.git(['rev-parse', guardian.base]);
	const entries: QueueEntry[] = [];
	const building: number[] = [];
	for (let at = 0; at < length; at++) {
		const task = `t-${round}-${at}`;
		const files = {[fileName(at * 11)]: `${task}\n`, [`new/${task}.txt`]: `${task}\n`};
		const commit = repository.commit(expectedBase, files);
		const onto = entries.at(-1)?.candidate ?? expectedBase;
		building.push(
			await timed(async () => {
				const built = await guardian.buildCandidate({commit, onto, task, title: `Do ${task}`, author: 'agent:dev:001'});
				if (built.kind !== 'candidate') throw new Error(JSON.stringify(built));
				entries.push({task, candidate: built.commit, testedCommit: built.commit});
			}),
		);
	}
	return {expectedBase, entries, building};
};

/** What plain git does for one candidate: the merge without a work tree, its commit, a ref. */
const plainCandidate = (repository: BenchRepository, round: number): number => {
	const base = repository.git(['rev-parse', 'main']);
	const commit = repository.commit(base, {[fileName(3)]: `plain ${round}\n`});
	const start = performance.now();
	const tree = repository.git(['merge-tree', '--write-tree', base, commit]);
	const candidate = repository.git(['commit-tree', '-p', base, '-p', commit, '-m', 'plain', tree]);
	repository.git(['update-ref', 'refs/bench/candidate', candidate]);
	return performance.now() - start;
};

/** What plain git does for a landing once the objects are there: it moves the branch where it is checked out, files included. */
const plainMerging = (repository: BenchRepository, folder: string): number => {
	const start = performance.now();
	repository.git(['merge', '--quiet', '--ff-only', '--no-stat', 'refs/bench/candidate'], folder);
	return performance.now() - start;
};

const mergedTasks = async (
	print: (text: string) => void,
	repository: BenchRepository,
	guardian: Guardian,
	files: number,
): Promise<void> => {
	const samples = {
		one: [] as number[],
		verified: [] as number[],
		mergeQueue: [] as number[],
		build: [] as number[],
		plainBuild: [] as number[],
		plainMerge: [] as number[],
	};
	const mergedCommit = async (round: number, length: number, isVerified = false): Promise<number> => {
		const {entries, expectedBase, building} = await prepareQueue(repository, guardian, round, length);
		samples.build.push(...building);
		if (isVerified) await guardian.verifyAhead({entries, expectedBase});
		return timed(async () => {
			const {stopped} = await guardian.mergeCandidate({entries, expectedBase});
			if (stopped) throw new Error(JSON.stringify(stopped));
		});
	};
	for (let round = 0; round < ROUNDS; round++) {
		samples.one.push(await mergedCommit(3 * round, 1));
		samples.verified.push(await mergedCommit(3 * round + 1, 1, true));
		samples.mergeQueue.push(await mergedCommit(3 * round + 2, MERGE_QUEUE));
		samples.plainBuild.push(plainCandidate(repository, round));
		samples.plainMerge.push(plainMerging(repository, repository.root));
	}
	const [build, one, mergeQueue] = [figures(samples.build), figures(samples.one), figures(samples.mergeQueue)];
	const [verified, plain] = [figures(samples.verified), figures(samples.plainMerge)];
	print(head(`Candidates and merges with ${files} files`, 'plain git'));
	print(line('merge-tree, commit-tree, update-ref', figures(samples.plainBuild)));
	print(line('a candidate: import and merge', build, figures(samples.plainBuild)));
	print(line('merge --ff-only', plain));
	print(
		`${line('a merge: ship, move (verified during its tests)', verified, plain)}   ${verdict(verified.p50, {atMost: 25, unit: ' ms'})}`,
	);
	print(line('a merge: verify, ship, move', one, plain));
	print(line(`${MERGE_QUEUE} candidates in one merge`, mergeQueue, plain));
};

const testTrees = async (print: (text: string) => void, repository: BenchRepository, guardian: Guardian, files: number): Promise<void> => {
	const {entries} = await prepareQueue(repository, guardian, 1_000_000, 2);
	const folder = join(repository.folder, 'tests', 'test-1');
	const plainFolder = join(repository.folder, 'plain-test');
	const fresh = await timed(() => guardian.prepareTestTree({candidate: entries[0]?.candidate ?? '', folder}));
	const plainFresh = await timed(() =>
		repository.git(['--git-dir', guardian.folder, 'worktree', 'add', '--quiet', '--detach', plainFolder, entries[0]?.candidate ?? '']),
	);
	const [own, plain]: [number[], number[]] = [[], []];
	for (let round = 0; round < ROUNDS; round++) {
		const candidate = entries[(round + 1) % 2]?.candidate ?? '';
		own.push(await timed(() => guardian.prepareTestTree({candidate, folder})));
		plain.push(
			await timed(() => {
				repository.git(['checkout', '--quiet', '--detach', '--force', candidate], plainFolder);
				repository.git(['clean', '--quiet', '-ffd'], plainFolder);
			}),
		);
	}
	print(head(`A test tree with ${files} files`, 'plain git'));
	print(line('worktree add', figures([plainFresh])));
	print(line('a new test tree', figures([fresh]), figures([plainFresh])));
	print(line('checkout --force, clean (believes what the test left)', figures(plain)));
	print(line('the next candidate, exactly', figures(own), figures(plain)));
	repository.git(['--git-dir', guardian.folder, 'worktree', 'remove', '--force', plainFolder]);
};

const worktrees = async (print: (text: string) => void, bench: BenchRepository, {store}: Guardian, files: number): Promise<void> => {
	const worktreesFolder = join(bench.folder, 'worktrees');
	const from = bench.git(['rev-parse', 'main']);
	const make = (task: string) => createAttempt({store, worktreesFolder, task, attempt: 1, from});
	const [plain, own, again]: [number[], number[], number[]] = [[], [], []];
	for (let round = 0; round < 5; round++) {
		const folder = join(bench.folder, `plain-${round}`);
		plain.push(await timed(() => bench.git(['worktree', 'add', '--quiet', '--detach', folder, from])));
		bench.git(['worktree', 'remove', '--force', folder]);
		const first = await make(`first-${round}`);
		own.push(await timed(() => make(`second-${round}`)));
		await removeWorktree({store, folder: first.path});
		await poolSettled();
		again.push(await timed(() => make(`third-${round}`)));
	}
	const start = performance.now();
	const ready = await Promise.all(
		Array.from({length: DEVELOPERS}, async (_, at) => {
			await make(`at-once-${at}`);
			return performance.now() - start;
		}),
	);
	print(head(`A worktree with ${files} files`, 'plain git'));
	print(line('worktree add', figures(plain)));
	print(line('of an attempt', figures(own), figures(plain), {atMost: 1.2}));
	print(line('of an attempt after another was removed', figures(again), figures(plain)));
	print(line(`${DEVELOPERS} at once, each from the common start`, figures(ready), figures(plain)));
	print(line('the last of them, by its share of the work', figures([Math.max(...ready)]), figures([figures(plain).p50 * DEVELOPERS])));
};

/** Git: candidates, landings, test trees and worktrees beside the plain commands that do the necessary, at two sizes of a repository. */
export const benchGit = async (print: (text: string) => void): Promise<void> => {
	for (const files of [200, 20_000]) {
		const bench = createBenchRepository(files);
		try {
			const repository = await openRepository(bench.root);
			const guardian = await openGuardian({repository, folder: join(bench.folder, 'guardian.git'), base: 'main'});
			await mergedTasks(print, bench, guardian, files);
			await testTrees(print, bench, guardian, files);
			await worktrees(print, bench, guardian, files);
		} finally {
			bench.remove();
		}
	}
};
