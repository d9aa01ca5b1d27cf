import {afterEach, expect, test} from 'vitest';
import {SECTION_NAMES} from './sections.ts';
import {createSweep, type Sweep, type Target} from './sweep.ts';

/** A machine that is busy with other things may take many times what an idle one does. */
const LIMIT_MS = 400_000;

/** By what they cover: every section, every program, each kind of write, and each order of two writes that a guarantee rests on. */
const TARGETS: readonly Target[] = [
	// The claim: granted and not yet known here, the lock of the worktrees, files half checked out.
	{section: 'claim', point: 'run write redis:submit', harm: 'self'},
	{section: 'claim', point: 'run link s/agent-room/p-#/trees.git/agent-room.lock', harm: 'all'},
	{section: 'claim', point: 'git-reset rename s/agent-room/p-#/trees.git/trees/#-#/index', harm: 'self'},
	{section: 'claim', point: 'run write s/agent-room/p-#/journal/workflow.jsonl', harm: 'self'},
	// The work of a dead agent: its tree, its commit, and the word to Redis.
	{section: 'save', point: 'git-write-tree link s/agent-room/p-#/trees.git/objects/*', harm: 'self'},
	{section: 'save', point: 'run rename s/agent-room/p-#/guardian.git/refs/agent-room/attempts/#-#', harm: 'all'},
	{section: 'save', point: 'run write redis:fail', harm: 'self'},
	// Handed in: by the agent's own program, by the room, and into the tree of the tests.
	{section: 'hand-in', point: 'report write socket', harm: 'self'},
	{section: 'hand-in', point: 'run write redis:complete', harm: 'self'},
	{section: 'hand-in', point: 'run rename s/agent-room/p-#/guardian.git/refs/agent-room/imported/#', harm: 'all'},
	// The landing: the tests have passed, the base moves, its locks are given back, the room is told.
	{section: 'landing', point: 'run write redis:complete', harm: 'self'},
	{section: 'landing', point: 'run link p/.git/agent-room.lock', harm: 'self'},
	{section: 'landing', point: 'git-merge rename p/.git/refs/heads/main', harm: 'all'},
	{section: 'landing', point: 'git-merge unlink p/.git/packed-refs.lock', harm: 'all'},
	{section: 'landing', point: 'run unlink p/.git/agent-room.lock', harm: 'self'},
	{section: 'landing', point: 'redis write s/agent-room/p-#/redis/appendonlydir/appendonly.aof.#.incr.aof', harm: 'self'},
	{section: 'rebuild', point: 'run write redis:rebuild', harm: 'self'},
	{section: 'rebuild', point: 'run write redis:accept-epoch', harm: 'all'},
	{section: 'start', point: 'run link s/agent-room/p-#/start.lock', harm: 'self'},
	{section: 'stop', point: 'run write redis:release', harm: 'all'},
];

let open: Sweep[] = [];
afterEach(async () => {
	for (const sweep of open) await sweep.close();
	open = [];
});
const openSweep = (given: Parameters<typeof createSweep>[0] = {}): Sweep => {
	const sweep = createSweep(given);
	open.push(sweep);
	return sweep;
};

test(
	'killed at any of twenty writes, the next start ends with each task merged once, the base tested, and no lock left',
	async () => {
		expect(new Set(TARGETS.map(({section}) => section))).toEqual(new Set(SECTION_NAMES));
		// Two worlds side by side, each of which goes on with what the kills before have left.
		const sweepAll = async (targets: readonly Target[]): Promise<void> => {
			const sweep = openSweep();
			for (const target of targets) {
				const {isReached, why} = await sweep.kill(target);
				expect({...target, isReached, why}).toEqual({...target, isReached: true, why: ''});
			}
			expect(await sweep.end()).toEqual([]);
		};
		await Promise.all([0, 1].map(half => sweepAll(TARGETS.filter((_, index) => index % 2 === half))));
	},
	LIMIT_MS,
);

test(
	'a rename that takes the old file away first is noticed: killed in between, the base is gone',
	async () => {
		// No start gets over it, however long it is tried again: of ten seconds each took thirty starts.
		const sweep = openSweep({mutant: 'rename', patienceMs: 1000});
		const half = sweep.kill({section: 'landing', point: 'git-merge rename-half p/.git/refs/heads/main', harm: 'all'});
		const why = await half.then(
			outcome => outcome.why,
			error => String(error),
		);
		expect(why).toMatch(/main/);
	},
	LIMIT_MS,
);
