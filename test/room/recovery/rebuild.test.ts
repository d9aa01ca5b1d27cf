import {cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {readInfo} from '../../../source/redis/requirements.ts';
import {createEpochWatch} from '../../../source/room/redis/epoch.ts';
import {isRunning} from '../../helpers/cleanup.ts';
import {DEV_1, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {until} from '../../helpers/wait.ts';

const bannerOf = (room: TestRoom, id: string): string => room.store.getSnapshot().banners.find(banner => banner.id === id)?.text ?? '';
const stateOf = (room: TestRoom, task: string): string => room.team().tasks.get(task)?.state ?? 'gone';
const journalOf = (room: TestRoom): string => readFileSync(join(dirname(room.folder), 's', 'journal', 'workflow.jsonl'), 'utf8');
const add = (room: TestRoom, id: string, more: object = {}) => room.must({type: 'add-task', title: `Task ${id}`, id, ...more});

/** Writes a first line, waits for its go, and writes the rest. */
const WORKS = `echo first >"$AGENT_ROOM_TASK.draft"\n${WAITS}\n${WRITES}`;
/** Approves once it may. */
const REVIEWS = 'while [ ! -e "$D/review" ]; do sleep 0.05; done\nagent-room report done --verdict approve';

test('a Redis that is emptied in the middle of the work is rebuilt: what is merged stays, what is not is done once', async () => {
	const room = await openEngine({agents: {developer: [WORKS, WORKS], 'code-sentinel': REVIEWS}});
	room.touch('review');
	room.touch('go-a');
	await add(room, 'a', {description: 'the first of all'});
	await room.when('the first merge', () => stateOf(room, 'a') === 'merged');
	room.remove('review');
	room.touch('go-b');
	await add(room, 'b', {priority: 80});
	await room.when('the work of b under review', () => room.task('b').stage === 'review' && room.task('b').state === 'leased');
	await add(room, 'c', {description: 'a long text', acceptance: ['it is there'], priority: 70});
	await add(room, 'd', {after: ['c']});
	await add(room, 'e', {after: ['a']});
	await room.when('the work of c', () => room.has('at-c-1'));
	await room.when('the work of e', () => room.has('at-e-1'));
	// What the room knows of is salvaged; where an attempt works it learns a moment later.
	await room.when('both worktrees', () =>
		['c', 'e'].every(id => room.task(id).worktree !== '' && journalOf(room).includes(room.task(id).worktree)),
	);
	const before = new Map(['b', 'c', 'd', 'e'].map(id => [id, room.task(id)]));

	await room.redis('FLUSHALL');
	await room.when('what was lost', () => bannerOf(room, 'recovery').includes('unfinished'));
	expect(bannerOf(room, 'recovery')).toContain('Redis came back empty: 4 unfinished tasks, 3 with work. X, then R rebuilds');
	for (const action of [{type: 'freeze', on: false}, {type: 'resume-all'}, {type: 'add-task', title: 'Another'}] as const) {
		const refused = await room.ask(action);
		expect(refused).toMatchObject({ok: false, code: 'redis-lost-data', hint: expect.stringMatching(/`agent-room rebuild`.*--start-empty/)});
	}
	expect(await room.ask({type: 'rebuild', from: 'journal', isTrial: true})).toMatchObject({
		ok: true,
		text: '4 unfinished tasks, 3 with work',
	});
	expect(await room.must({type: 'rebuild', from: 'journal'})).toMatchObject({text: 'rebuilt: 4 unfinished tasks, 3 with work'});
	await room.when('the rebuilt tasks', () => stateOf(room, 'd') === 'blocked');
	await room.when('no banner', () => bannerOf(room, 'recovery') === '');
	expect(room.task('a')).toMatchObject({state: 'merged', mergedCommit: expect.stringMatching(/^[0-9a-f]{40}$/)});
	expect(room.task('b')).toMatchObject({stage: 'review', commit: before.get('b')?.commit, authors: before.get('b')?.authors, priority: 80});
	expect(room.task('c')).toMatchObject({stage: 'develop', failures: 0, priority: 70, createdAt: before.get('c')?.createdAt});
	expect(await room.call({op: 'explain', id: 'c'})).toMatchObject({
		data: {task: {description: 'a long text', acceptance: ['it is there']}},
	});
	room.touch('review');
	for (const id of ['c', 'd', 'e']) room.touch(`go-${id}`);
	await room.when('every merge', () => ['b', 'c', 'd', 'e'].every(id => stateOf(room, id) === 'merged'));
	expect([...room.mergedCommit()].toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
	// What stood in a worktree without a commit is part of what its successor made.
	expect(room.repository.git(['show', 'main:c.draft'])).toBe('first');
	expect(room.task('c').attempt).toBe(2);
	expect(room.agent(DEV_1).status).not.toBe('lost');
});

/** The folder of the private server's AOF, and its end by SIGKILL. */
const serverOf = async (room: TestRoom) => {
	const pid = Number(readInfo(String(await room.redis('INFO', 'server'))).get('process_id'));
	return {
		folder: join(dirname(room.store.getSnapshot().redis.address), 'appendonlydir'),
		kill: async () => {
			process.kill(pid, 'SIGKILL');
			await until(() => !isRunning(pid), {everyMs: 1, what: 'the end of Redis'});
		},
	};
};

test.each([
	// Whether the worktree of `c` is in the journal by then is a matter of milliseconds.
	['rebuilt', 'journal', /^rebuilt: 1 unfinished task, [01] with work, 2 merged since$/],
	['kept as it is', 'redis', /^the data in Redis is kept as it is; 2 tasks were merged since$/],
] as const)('an AOF put back from before two landings and %s lands neither again', async (_, from, said) => {
	const room = await openEngine({agents: {developer: `${WAITS}\n${WRITES}`}, config: {review: 'off'}});
	const server = await serverOf(room);
	const copy = `${server.folder}.copy`;
	await add(room, 'a');
	await add(room, 'b');
	await add(room, 'c', {after: ['b']});
	await room.when('the work of a', () => room.has('at-a-1'));
	cpSync(server.folder, copy, {recursive: true});
	for (const id of ['a', 'b']) room.touch(`go-${id}`);
	await room.when('both merges', () => ['a', 'b'].every(id => stateOf(room, id) === 'merged'));
	await room.when('the work of c', () => room.has('at-c-1') && room.task('c').worktree !== '');
	await server.kill();
	rmSync(server.folder, {recursive: true});
	cpSync(copy, server.folder, {recursive: true});
	await room.when('what was lost', () => bannerOf(room, 'recovery').includes('merged since'));
	expect(bannerOf(room, 'recovery')).toMatch(/^Redis came back with older data: 1 unfinished task, [01] with work, 2 merged since\./);
	expect(await room.must({type: 'rebuild', from})).toMatchObject({text: expect.stringMatching(said)});
	room.touch('go-c');
	await room.when('the last merge', () => stateOf(room, 'c') === 'merged');
	for (const id of ['a', 'b'])
		expect(room.task(id)).toMatchObject({state: 'merged', mergedCommit: expect.stringMatching(/^[0-9a-f]{40}$/)});
	expect(room.mergedCommit()).toEqual(['c', 'b', 'a']);
	expect(room.has('at-a-2') || room.has('at-b-2')).toBe(false);
});

test('without a journal a name on the base only informs: the task is asked about', async () => {
	const room = await openEngine({agents: {developer: `${WAITS}\n${WRITES}`}, config: {review: 'off'}});
	const server = await serverOf(room);
	const copy = `${server.folder}.copy`;
	await add(room, 'a');
	await add(room, 'b');
	await room.when('the work of a', () => room.has('at-a-1'));
	cpSync(server.folder, copy, {recursive: true});
	for (const id of ['a', 'b']) room.touch(`go-${id}`);
	await room.when('both merges', () => ['a', 'b'].every(id => stateOf(room, id) === 'merged'));
	await server.kill();
	rmSync(join(dirname(room.folder), 's', 'journal'), {recursive: true});
	rmSync(server.folder, {recursive: true});
	cpSync(copy, server.folder, {recursive: true});
	await room.when('what was lost', () => bannerOf(room, 'recovery') !== '');
	expect(await room.ask({type: 'rebuild', from: 'journal'})).toMatchObject({ok: false, code: 'no-journal'});
	await room.must({type: 'rebuild', from: 'redis'});
	await room.when('the questions', () => ['a', 'b'].every(id => room.team().tasks.get(id)?.decision === 'named'));
	expect(room.task('a').waitReason).toMatch(/^main contains [0-9a-f]{7} with its name \(.*Task a.*\)$/);
	await room.must({type: 'approve', task: 'a'});
	await room.must({type: 'request-changes', task: 'b', reason: ''});
	await room.when('what was decided', () => stateOf(room, 'a') === 'merged' && room.has('at-b-2'));
	await room.when('the second merge of b', () => stateOf(room, 'b') === 'merged');
	expect(room.mergedCommit()).toEqual(['b', 'b', 'a']);
});

test('an AOF that is gone is rebuilt by the next life of the room, from what the last one had saved', async () => {
	const options = {agents: {developer: WORKS}, config: {review: 'off' as const}};
	const first = await openEngine(options);
	await add(first, 'a', {description: 'kept'});
	await add(first, 'b', {after: ['a']});
	await first.when('the work of a', () => first.has('at-a-1'));
	const {folder} = await serverOf(first);
	await first.room.stop('the first life is over');
	rmSync(folder, {recursive: true});
	const second = await openEngine({...options, again: first});
	await second.when('what was lost', () => bannerOf(second, 'recovery').includes('2 unfinished tasks, 1 with work'));
	await second.must({type: 'rebuild', from: 'journal'});
	for (const id of ['a', 'b']) second.touch(`go-${id}`);
	await second.when('both merges', () => ['a', 'b'].every(id => stateOf(second, id) === 'merged'));
	expect(second.mergedCommit()).toEqual(['b', 'a']);
	expect(second.repository.git(['show', 'main:a.draft'])).toBe('first');
	// What was given up is still there, apart from what is followed now.
	const journals = readdirSync(join(dirname(second.folder), 's', 'journal'));
	expect(journals.filter(name => existsSync(join(dirname(second.folder), 's', 'journal', name)))).toHaveLength(2);
});

test('a second loss right after a rebuild loses nothing, though the room was killed before its journal followed the new data', async () => {
	const options = {agents: {developer: WORKS}, config: {review: 'off' as const}};
	const first = await openEngine(options);
	await add(first, 'a');
	await add(first, 'b', {after: ['a']});
	await first.when('the work of a', () => first.has('at-a-1'));
	const journal = join(dirname(first.folder), 's', 'journal', 'workflow.jsonl');
	await first.redis('FLUSHALL');
	await first.when('what was lost', () => bannerOf(first, 'recovery').includes('2 unfinished tasks'));
	const before = readFileSync(journal);
	await first.must({type: 'rebuild', from: 'journal'});
	const {folder} = await serverOf(first);
	await first.room.stop('the first life is over');
	// What a kill between the new data and the new journal leaves, and the loss of the new data.
	writeFileSync(journal, before);
	rmSync(folder, {recursive: true});
	const second = await openEngine({...options, again: first});
	await second.when('what was lost', () => bannerOf(second, 'recovery').includes('2 unfinished tasks'));
	await until(async () => (await second.redis('SCARD', 'workflow:testimonies')) === 1, {what: 'what the room knows of the loss'});
	expect(await second.must({type: 'rebuild', from: 'journal'})).toMatchObject({
		text: expect.stringMatching(/^rebuilt: 2 unfinished tasks/),
	});
	for (const id of ['a', 'b']) second.touch(`go-${id}`);
	await second.when('both merges', () => ['a', 'b'].every(id => stateOf(second, id) === 'merged'));
});

test('a room that is killed after it accepted the data leaves no frozen team: the next start resumes the work', async () => {
	const first = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
	await add(first, 'z');
	await first.when('a merge before', () => stateOf(first, 'z') === 'merged');
	await first.redis('FLUSHALL');
	await first.when('what was lost', () => bannerOf(first, 'recovery') !== '');
	// All that the order does but its last step.
	await (await createEpochWatch(join(dirname(first.folder), 's'), 'workflow')).accept(await first.connects());
	await first.when('a decided loss', () => first.team().control.recovery === '');
	expect(first.team().control).toMatchObject({frozen: true, frozenWhy: 'rebuild'});
	await first.room.stop('');
	const next = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}, again: first});
	await next.when('no freeze', () => !next.team().control.frozen);
	expect(next.team().control.frozenWhy).toBe('');
	await add(next, 'a');
	await next.when('a merge', () => stateOf(next, 'a') === 'merged');
});
