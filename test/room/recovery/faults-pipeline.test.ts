import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {expectGreenBase} from '../../helpers/base-history.ts';

import {APPROVES, DEV_1, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {isRunningInside} from '../../helpers/inside.ts';
import {createTestRepository} from '../../helpers/repository.ts';
import {testSideBySide} from '../../helpers/side-by-side.ts';
import {DISK_FULL, smallDisk} from '../../helpers/small-disk.ts';
import {slackMs} from '../../helpers/wait.ts';

const isIn = (room: TestRoom, task: string, state: string): boolean => room.team().tasks.get(task)?.state === state;
const add = (room: TestRoom, id = 't') => room.must({type: 'add-task', title: id, id});
const isMerged = (room: TestRoom, id = 't'): Promise<void> => room.when(`the merge of ${id}`, () => isIn(room, id, 'merged'));
const why = async (room: TestRoom, id = 't'): Promise<string> =>
	((await room.call({op: 'explain', id})).data as {why?: string} | undefined)?.why ?? '';
const stateFolder = (room: TestRoom): string => join(dirname(room.folder), 's');
const alone = {developer: WRITES};
const noReview = {review: 'off'} as const;

describe('the test command', () => {
	test('that hangs is ended at its time limit, whole tree, and its task goes back with the limit in words', async () => {
		const check = 'if [ -e slow.txt ]; then sleep 600 & echo $! >>"$D/children"; wait; fi';
		const developer = `if [ -e slow.txt ]; then rm slow.txt; ${WRITES}; else : >slow.txt; fi`;
		const room = await openEngine({agents: {developer}, config: {...noReview, test: check, testTimeout: '1s'}});
		await add(room);
		await isMerged(room);
		const [sentBack] = room.events.filter(({type, text}) => type === 'task_completed' && text.startsWith('tests failed'));
		expect(sentBack?.text).toMatch(/timed out after/);
		expect(room.task('t')).toMatchObject({failures: 1, removals: 1});
		const words = [`AGENT_ROOM_STATE=${stateFolder(room)}\0`, 'AGENT_ROOM_STAGE=test\0'];
		for (const child of room.read('children').split('\n')) expect(isRunningInside(Number(child), ...words)).toBe(false);
		expectGreenBase(room.repository.root, '! test -e slow.txt', ['t']);
	});

	test('that prints many megabytes passes, its log stays small, and the room answers meanwhile', async () => {
		const check = 'if [ ! -e "$D/flooded" ]; then echo begun >"$D/floods"; head -c 40000000 /dev/zero | tr "\\0" "x"; fi; : >"$D/flooded"';
		const room = await openEngine({agents: alone, config: {...noReview, test: check}});
		await add(room);
		await room.when('the flood', () => room.read('floods'));
		const latencies: number[] = [];
		while (!isIn(room, 't', 'merged')) {
			const asked = performance.now();
			expect(await room.call({op: 'status'})).toMatchObject({ok: true});
			latencies.push(performance.now() - asked);
			await new Promise(resolve => setTimeout(resolve, 20));
			if (room.team().tasks.get('t')?.failures) throw new Error(`the test failed: ${room.task('t').reason}`);
		}
		const logs = join(stateFolder(room), 'logs');
		for (const name of readdirSync(logs)) expect(statSync(join(logs, name)).size).toBeLessThan(5_000_000);
		// One that waits behind whole megabytes of parsing would take seconds.
		expect(latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.9)]).toBeLessThan(1000 + slackMs());
	});
});

describe('git beneath the room', () => {
	testSideBySide('a branch that is deleted while its task is reviewed costs nothing: what was handed in is a commit', async () => {
		const reviewer = `${WAITS}\n${APPROVES}`;
		const room = await openEngine({agents: {...alone, 'code-sentinel': reviewer}});
		await add(room);
		await room.when('the review', () => room.read('at-t-1'));
		const {branch} = room.task('t');
		room.repository.git(['update-ref', '-d', `refs/heads/${branch}`]);
		room.touch('go-t');
		await isMerged(room);
		expect(room.task('t')).toMatchObject({failures: 0, attempt: 1});
		expect(expectGreenBase(room.repository.root, 'true', ['t'])).toEqual(['t']);
	});

	testSideBySide('a branch that its own agent deletes is made again with all that was on it, and handed in', async () => {
		const developer = [
			`${WRITES}; git add -A; git -c user.name=a -c user.email=a@b commit --quiet -m one; echo more >more.txt`,
			'git update-ref -d "refs/heads/$AGENT_ROOM_BRANCH"; exit 0',
		].join('\n');
		const room = await openEngine({agents: {developer}, config: noReview});
		await add(room);
		await isMerged(room);
		expect(room.task('t')).toMatchObject({failures: 0, attempt: 1});
		expect(room.repository.git(['show', 'main:t.txt', 'main:more.txt'])).toBe(`${DEV_1} attempt 1\nmore`);
		expect(expectGreenBase(room.repository.root, 'true', ['t'])).toEqual(['t']);
	});

	testSideBySide('a stale index.lock in the person’s repository or in a worktree holds nobody for ever', async () => {
		const developer = `${WRITES}\n: >"$(git rev-parse --git-dir)/index.lock"`;
		const room = await openEngine({agents: {developer}, config: noReview});
		writeFileSync(join(room.repository.root, '.git', 'index.lock'), '');
		await add(room);
		await isMerged(room);
		expect(room.task('t')).toMatchObject({failures: 0});
		expect(existsSync(join(room.repository.root, '.git', 'index.lock'))).toBe(false);
		expect(room.repository.git(['status', '--porcelain'])).toBe('');
	});

	testSideBySide('a lock that a live git holds is waited for, in words, and never taken away', async () => {
		const room = await openEngine({agents: alone, config: noReview});
		const lock = join(room.repository.root, '.git', 'index.lock');
		// Held open, as git does while a person's commit waits in the editor.
		const holder = execFileSync('sh', ['-c', 'exec 3>"$1"; sleep 600 >/dev/null 2>&1 3>&3 & echo $!', 'sh', lock], {encoding: 'utf8'});
		try {
			await add(room);
			await room.when('the hold', () => room.team().tasks.get('t')?.waitReason);
			expect(room.task('t').waitReason).toMatch(/^merge blocked: another git process is running in /);
			// Between two tries: while the guardian tries, that is what is said.
			await room.when('the reason', async () => /another git process/.test(await why(room)));
			expect(existsSync(lock)).toBe(true);
			expect(room.mergedCommit()).toEqual([]);
		} finally {
			process.kill(Number(holder), 'SIGKILL');
		}
		rmSync(lock);
		await isMerged(room);
		expect(room.task('t')).toMatchObject({failures: 0, waitReason: ''});
	});

	testSideBySide('a repository with a submodule works, and a task may move the submodule on', async () => {
		const library = createTestRepository({files: {'lib.txt': 'one\n'}});
		const room = await openEngine({agents: {developer: WAITS}, config: noReview});
		const {git} = room.repository;
		git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'library']);
		git(['commit', '--quiet', '-m', 'Use the library']);
		library.write('lib.txt', 'two\n');
		const next = library.commit('go on');
		await add(room);
		const {worktree} = await room.atWork('t', 1);
		execFileSync('git', ['update-index', '--cacheinfo', `160000,${next},library`], {cwd: worktree});
		execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'Move the library on'], {cwd: worktree});
		room.touch('go-t');
		await isMerged(room);
		expect(git(['ls-tree', 'main', 'library'])).toContain(next);
		expect(room.task('t')).toMatchObject({failures: 0});
	});

	testSideBySide('a worktree that a person removes between two rounds is made again from what was handed in', async () => {
		const developer = `echo "round $AGENT_ROOM_ROUND" >>t.txt`;
		const reviewer = `${WAITS}\nif [ "$AGENT_ROOM_ROUND" = 0 ]; then agent-room report done --verdict changes; else ${APPROVES}; fi`;
		const room = await openEngine({agents: {developer, 'code-sentinel': reviewer}});
		await add(room);
		await room.when('the review', () => room.read('at-t-1'));
		const {worktree} = room.task('t');
		rmSync(worktree, {recursive: true});
		room.touch('go-t');
		await isMerged(room);
		expect(room.task('t')).toMatchObject({failures: 0, rounds: 1});
		expect(room.repository.git(['show', 'main:t.txt'])).toBe('round 0\nround 1');
	});
});

describe('a full disk', () => {
	const files = {'big.bin': 'x'.repeat(2_000_000), 'data/keep': ''};

	testSideBySide('while a worktree is made costs no attempt, is said where the agent is shown, and nothing is left behind', async () => {
		const room = await openEngine({agents: alone, config: noReview, files});
		const folder = join(stateFolder(room), 'worktrees');
		const disk = smallDisk(folder, 1_000_000);
		await add(room);
		await room.when('the refusal', () => room.agent(DEV_1).status === 'crashed');
		expect(room.agent(DEV_1).reason).toMatch(DISK_FULL);
		expect(room.task('t')).toMatchObject({state: 'ready', failures: 0});
		expect(readdirSync(folder)).toEqual([]);
		expect(room.kept('for-each-ref', 'refs/agent-room/attempts')).toBe('');
		disk.free();
		await isMerged(room);
		expect(room.task('t').failures).toBe(0);
	});

	testSideBySide(
		'while a test tree is made costs no attempt, is said where the test orchestrator is shown, and the base stays',
		async () => {
			const room = await openEngine({agents: alone, config: noReview, files});
			const before = room.repository.head();
			const disk = smallDisk(join(stateFolder(room), 'tests'), 1_000_000);
			await add(room);
			const tester = 'agent:test:001';
			await room.when('the refusal', () => room.agent(tester).status === 'crashed');
			expect(room.agent(tester).reason).toMatch(DISK_FULL);
			expect(room.task('t')).toMatchObject({stage: 'test', failures: 0});
			await room.when('the banner', () => room.store.getSnapshot().banners.some(({text}) => text.startsWith('The test stage waits: ')));
			expect(room.repository.head()).toBe(before);
			disk.free();
			await isMerged(room);
			expect(room.task('t')).toMatchObject({failures: 0, attempt: 1});
		},
	);

	testSideBySide('while an agent works loses nothing of what it can still save, and the attempt is a failure in words', async () => {
		const developer = `${WRITES}\n[ ! -e "$D/full" ] || { dd if=/dev/zero of=filled.bin bs=1M count=60 2>/dev/null; cat /bin/sh >more.bin; }`;
		const room = await openEngine({agents: {developer}, config: {...noReview, requireApproval: [], attempts: 50}, files});
		const disk = smallDisk(join(stateFolder(room), 'worktrees'), 20_000_000);
		room.touch('full');
		await add(room);
		const failed = () => room.events.filter(({type, text}) => type === 'attempt_failed' && text !== '');
		await room.when('the failure or the refusal', () => failed().length > 0 || room.agent(DEV_1).status === 'crashed');
		expect(`${failed().at(-1)?.text} ${room.agent(DEV_1).reason}`).toMatch(DISK_FULL);
		room.remove('full');
		disk.free();
		await isMerged(room);
		expect(room.repository.git(['show', 'main:t.txt'])).toMatch(/^agent:dev:001 attempt/);
	});

	testSideBySide('while a landing writes the person’s tree holds it, in words: the base does not move, the tree is as it was', async () => {
		const developer = 'head -c 3000000 /dev/urandom >data/new.bin; echo x >after.txt';
		const room = await openEngine({agents: {developer}, config: noReview, files});
		const before = room.repository.head();
		const folder = join(room.repository.root, 'data');
		const disk = smallDisk(folder, 1_000_000);
		if (!existsSync(join(folder, 'keep'))) writeFileSync(join(folder, 'keep'), '');
		expect(room.repository.git(['status', '--porcelain'])).toBe('');
		await add(room);
		await room.when('the hold', () => room.team().tasks.get('t')?.waitReason);
		expect(room.task('t').waitReason).toMatch(/^merge blocked: /);
		expect(room.repository.head()).toBe(before);
		expect(room.repository.git(['status', '--porcelain'])).toBe('');
		disk.free();
		await isMerged(room);
		expect(room.task('t').failures).toBe(0);
		expect(room.repository.git(['status', '--porcelain'])).toBe('');
	});
});
