import {describe, expect, test} from 'vitest';
import {BEHIND, waitsForEntry} from '../../../source/core/queue/merge-queue.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, ago, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

describe('what is blocked', () => {
	const waitReason = 'merge blocked: The following untracked working tree files would be overwritten by merge: `src/a.js`';
	const entry = task('t-1', {title: 'Login throttle', stage: 'merge', state: 'ready', waitReason, stageAt: ago(60)});

	test('says what would move it, and does not count as nothing to do', async () => {
		const terminal = open(createTestStore(room({tasks: [entry]})), {columns: 160, rows: 45});
		await terminal.shows('t-1 is blocked: merge blocked:');
		expect(terminal.text()).not.toContain('Nothing is left to do');
		terminal.type('a');
		await terminal.shows('t-1 blocked »');
		expect(terminal.text()).toContain('to unblock commit, stash or move your changes; the merge then continues');
		expect(terminal.text()).not.toContain('another agent');
	});

	test('is no task that comes back by itself: an entry that an outsider took waits for its lock, and needs nobody', async () => {
		const taken = {state: 'delayed', readyAt: ago(-8), waitReason: 'was taken by an external worker: waits for its lock'} as const;
		const terminal = open(createTestStore(room({tasks: [task('t-1', taken)]})), {columns: 160, rows: 45});
		await terminal.shows('t-1 comes back in 8s: was taken');
		expect(terminal.text()).toMatch(/t-1 {10,}back in 8s/);
		for (const said of ['NEEDS YOU', 'for you', 'a answer', 'blocked: was taken']) expect(terminal.text()).not.toContain(said);
	});

	test('is no entry that waits for the one ahead of it: both move without anybody', async () => {
		const waitReason = BEHIND.conflict('t-2', 'a.ts');
		const tasks = [task('t-1', {stage: 'test', waitReason}), task('t-2', {stage: 'test', state: 'leased', owner: 'agent:test:001'})];
		const terminal = open(createTestStore(room({tasks})), {columns: 160, rows: 45});
		await terminal.shows('conflicts with t-2 ahead');
		for (const said of ['NEEDS YOU', 'for you', 'a answer', 'blocked: conflicts']) expect(terminal.text()).not.toContain(said);
		for (const reason of [BEHIND.contained('t-2'), BEHIND.elsewhere('')]) expect(waitsForEntry(reason)).toBe(true);
		expect(waitsForEntry('merge blocked: conflicts with t-2 ahead in the merge queue')).toBe(false);
	});

	test('is shown for a task that no agent in the team can start, and no agent is announced for it', async () => {
		const terminal = open(createTestStore(room({tasks: [task('t-1', {needs: 'go'}), task('t-2', {stage: 'document', role: 'writer'})]})), {
			columns: 160,
			rows: 45,
		});
		await terminal.shows('⊘ no dev');
		await terminal.shows('⊘ no wri');
		expect(terminal.text()).toContain('‖ No task can start: no developer in the team.');
		expect(terminal.rows()[0]).toContain('‖ NO DEVELOPER  N adds an agent');
		expect(terminal.text()).not.toContain('Next:');
	});

	test('by the budget says so at the top with the key that raises it, and neither queue nor plan says that it is next', async () => {
		const agents = [agent('dev', 1), agent('rev', 1), agent('rev', 2)];
		const tasks = [task('t-1'), task('t-2', {stage: 'review', role: 'code-sentinel'})];
		const control = {spent: 6_290_000, budget: 6_000_000, reachedAt: ago(60), atBudget: 'hold' as const};
		for (const columns of [160, 80]) {
			const terminal = open(createTestStore(room({agents, tasks, control})), {columns, rows: 45});
			await terminal.shows('‖ BUDGET REACHED');
			expect(terminal.text()).not.toContain('Next:');
			if (columns === 80) continue;
			expect(terminal.rows()[0]).toContain('c raises the budget');
			expect(terminal.text().match(/\$ over budget/g)).toHaveLength(2);
			expect(terminal.text()).toContain('ready 0');
			expect(terminal.text()).toMatch(/No new work starts: \$6\.29 of \$6\.00 spent\. c,/);
		}
	});

	test('by too few reviewers names them, and a task goes only to an agent that may have it', async () => {
		const reviews = Array.from({length: 9}, (_, at) => task(`t-${at}`, {stage: 'review', role: 'code-sentinel', authors: 'agent:rev:001'}));
		const busy = [agent('dev', 1), agent('rev', 1), agent('rev', 2, {status: 'working', task: 't-99'})];
		const terminal = open(createTestStore(room({agents: busy, tasks: reviews})), {columns: 160, rows: 45});
		await terminal.shows('9 tasks wait for 2 reviewers. N adds an agent.');
		expect(terminal.text()).toContain('for the first idle reviewer');
		expect(terminal.text()).not.toContain('to rev-1');
	});

	test('by agents that are all paused names them, and promises none', async () => {
		const ready = task('t-1', {title: 'Idle'});
		const paused = [agent('dev', 1, {paused: '1'}), agent('dev', 2, {paused: '1', status: 'paused', task: 't-9'})];
		const terminal = open(createTestStore(room({agents: paused, tasks: [ready]})), {columns: 160, rows: 45});
		await terminal.shows('t-1 Idle waits: no idle developer');
		expect(terminal.text()).not.toContain('Next:');
		const [one, other] = [agent('dev', 1, {paused: '1'}), agent('dev', 2, {status: 'working', task: 't-9'})];
		const half = open(createTestStore(room({agents: [one, other], tasks: [ready]})), {columns: 160, rows: 45});
		await half.shows('of 2 is running.');
	});

	test('of tests without a test command is not announced for a test runner', async () => {
		const tests = task('t-1', {stage: 'test', role: 'test-orchestrator'});
		const without = {...room({agents: [agent('test', 1)], tasks: [tests]}), hasTestCommand: false};
		const terminal = open(createTestStore(without), {columns: 160, rows: 45});
		await terminal.shows('waits: no test command.');
		expect(terminal.text()).not.toContain('Next:');
	});

	test('or failed is left to do, and its card shows how its output ended', async () => {
		const last = ['Testing t-2', 'one', 'two', 'three', 'FAIL: four', ''].join('\n');
		const failed = task('t-2', {title: 'Old importer', state: 'failed', last, reason: 'tests failed', stageAt: ago(60)});
		const terminal = open(createTestStore(room({tasks: [failed]})), {columns: 160, rows: 45});
		await terminal.shows('All other tasks are done; 1 failed: R retries');
		terminal.type('a ');
		await terminal.shows('why it failed');
		const rows = terminal.rows().map(row => /┃ {2}(\S.*?|.*?) *┃ /.exec(row)?.[1]?.replace(/\s+/g, ' ').trim() ?? '');
		expect(rows.join('\n')).toContain('last one\ntwo\nthree\nFAIL: four');
	});

	test.each([
		['submitted without a change since the review requested changes', /CAUSE +nothing changed +\(sure\)/],
		['something that nobody knows', /CAUSE +unknown +┃/],
	])('or failed is told no guess as one: %s', async (reason, cause) => {
		const failed = task('t-2', {state: 'failed', reason, attempt: 3, rounds: 1, stageAt: ago(60)});
		const terminal = open(createTestStore(room({tasks: [failed]})), {columns: 160, rows: 45});
		await terminal.shows('All other tasks are done; 1 failed: R retries');
		terminal.type('a ');
		await terminal.shows('why it failed');
		expect(terminal.text()).toMatch(cause);
		expect(terminal.text()).toMatch(/ · 1 review round +┃/);
	});

	test('has a page that offers no pane where no agent runs it, with its facts in one column', async () => {
		const failed = task('t-2', {
			title: 'Old importer',
			state: 'failed',
			attempt: 1,
			branch: 'agent/t-2-a1',
			reason: 'tests failed',
			stageAt: ago(60),
		});
		const terminal = open(createTestStore(room({tasks: [failed]})), {columns: 110, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('T');
		await terminal.shows('TASK │ esc back');
		expect(terminal.rows().at(-1)).not.toContain('↵ open');
		expect(terminal.text()).toContain('┃ branch      agent/t-2-a1 ');
		expect(terminal.text()).toContain('┃ came back   tests failed ');
	});
});

test('the title of the task queue says what its number counts, as the header counts no failed ones', async () => {
	const tasks = [
		task('t-1'),
		task('t-2', {state: 'blocked', after: 't-1'}),
		...['t-3', 't-4'].map(id => task(id, {state: 'failed', failures: 3, reason: 'exit 1'})),
	];
	const terminal = open(createTestStore(room({agents: [agent('dev', 1, {status: 'working', task: 't-9'})], tasks})), {
		columns: 160,
		rows: 45,
	});
	await terminal.shows('ROOM │');
	expect(terminal.rows()[0]).toContain('queued 2');
	expect(terminal.text()).toMatch(/2 Queue 4 ─+ ready 1 ⊘1 ✗2 ─/);
});
