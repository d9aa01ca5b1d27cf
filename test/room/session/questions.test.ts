import {existsSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {isRunning} from '../../helpers/cleanup.ts';
import {APPROVES, DEV_1, DEV_2, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';

/** Beside it runs a child in a session of its own that only its file shows. */
const TICKS = `${WRITES}
setsid sh -c "while :; do echo tick >>'$D/ticks'; sleep 0.02; done" &
${WAITS}`;

const ticks = (room: TestRoom): number => (existsSync(join(room.folder, 'ticks')) ? statSync(join(room.folder, 'ticks')).size : 0);
const token = (room: TestRoom): string => room.task('t').token;
/** True where nothing was written while the room did this much else: ten round trips to its Redis and a whole beat. */
const standsStill = async (room: TestRoom): Promise<boolean> => {
	const before = ticks(room);
	const beat = Number(await room.redis('GET', 'workflow:beats'));
	await room.when('two beats', async () => Number(await room.redis('GET', 'workflow:beats')) > beat + 1000);
	return ticks(room) === before;
};
const untilTicking = (room: TestRoom): Promise<void> => {
	const before = ticks(room);
	return room.when('its child at work', () => ticks(room) > before);
};
const isIn = (room: TestRoom, task: string, state: string): boolean => room.team().tasks.get(task)?.state === state;
const everyoneIdle = (room: TestRoom): boolean =>
	[...room.team().agents.values()].every(agent => agent.status === 'idle' && agent.task === '');

describe('pausing', () => {
	test('one agent stops its whole tree, keeps its lease past its length, and going on ends in the merge', async () => {
		const room = await openEngine({agents: {developer: TICKS}, config: {review: 'off', lease: '600ms'}});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await untilTicking(room);
		const held = token(room);
		await room.must({type: 'pause-agent', agent: DEV_1});
		await room.when('the pause', () => room.agent(DEV_1).status === 'paused');
		// The order is written first and then carried out.
		await room.when('its tree stands still', () => standsStill(room));
		expect(room.task('t')).toMatchObject({state: 'leased', token: held});
		await room.must({type: 'resume-agent', agent: DEV_1});
		await untilTicking(room);
		expect(room.agent(DEV_1)).toMatchObject({status: 'working', paused: false});
		room.touch('go-t');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
		expect(room.task('t')).toMatchObject({attempt: 1, failures: 0});
		expect(await standsStill(room)).toBe(true);
	});

	test('an idle agent gets nothing until it goes on, and an unknown one is refused', async () => {
		const room = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
		await room.must({type: 'pause-agent', agent: 'dev-1'});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.when('the pause', () => room.agent(DEV_1).status === 'paused' && room.team().tasks.has('t'));
		expect(room.task('t')).toMatchObject({state: 'ready', attempt: 0});
		expect(await room.ask({type: 'pause-agent', agent: 'dev-9'})).toMatchObject({ok: false, code: 'gone'});
		await room.must({type: 'resume-agent', agent: 'dev-1'});
		await room.when('the merge', () => isIn(room, 't', 'merged'));
	});

	test('what is asked for while a place is made counts: the attempt begins paused', async () => {
		const room = await openEngine({
			agents: {developer: TICKS},
			config: {review: 'off', setup: 'while [ ! -e ../../../d/prepared ]; do sleep 0.02; done'},
		});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.when('the claim', () => room.team().tasks.get('t')?.state === 'leased');
		await room.must({type: 'pause-agent', agent: DEV_1});
		room.touch('prepared');
		await room.when('its process', () => room.agent(DEV_1).pid > 0 && room.agent(DEV_1).status === 'paused');
		expect(await standsStill(room)).toBe(true);
		await room.must({type: 'resume-agent', agent: DEV_1});
		await untilTicking(room);
		room.touch('go-t');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
	});
});

describe('freezing', () => {
	test('stops agents and test runs; a task that is taken away meanwhile leaves its agent free when all goes on', async () => {
		const room = await openEngine({
			agents: {developer: [TICKS, TICKS]},
			config: {review: 'off', test: 'cd ../../../d; echo t >>tested; while [ ! -e pass ]; do echo t >>tested; sleep 0.02; done'},
		});
		const tested = (): number => room.read('tested').length;
		room.touch('go-first');
		await room.must({type: 'add-task', title: 'first', id: 'first'});
		await room.when('a test run', () => tested() > 0);
		await room.must({type: 'add-task', title: 't', id: 't'});
		await untilTicking(room);
		const {owner} = room.task('t');
		await room.must({type: 'freeze', on: true});
		await room.when('the freeze', () => room.agent(owner).status === 'paused' && room.agent('agent:test:001').status === 'paused');
		const before = tested();
		expect(await standsStill(room)).toBe(true);
		expect(tested()).toBe(before);
		await room.must({type: 'unassign-task', task: 't'});
		await room.when('the task back in the queue', () => isIn(room, 't', 'ready'));
		room.touch('pass');
		await room.must({type: 'freeze', on: false});
		room.touch('go-t');
		await room.when('both merges', () => room.mergedCommit().length === 2);
		await room.when('everybody idle', () => everyoneIdle(room));
	});
});

describe('draining', () => {
	test('hands out nothing new; what was begun is redone after its review and merged', async () => {
		const once = `if [ -e "$D/reviewed" ]; then ${APPROVES}; else : >"$D/reviewed"; echo again >"$D/c"; agent-room report done --verdict changes --comments "$D/c"; fi`;
		const room = await openEngine({agents: {developer: `${WRITES}\n${WAITS}`, 'code-sentinel': once}});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.when('its start', () => room.read('at-t-1'));
		await room.must({type: 'drain', on: true});
		await room.must({type: 'add-task', title: 'new', id: 'new', priority: 100});
		room.touch('go-t');
		room.touch('go-new');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
		expect(room.task('t').rounds).toBe(1);
		expect(room.task('new')).toMatchObject({state: 'ready', attempt: 0});
		expect((await room.call({op: 'explain', id: 'new'})).data).toMatchObject({why: 'draining: no new tasks start'});
		await room.must({type: 'drain', on: false});
		await room.when('the other merge', () => isIn(room, 'new', 'merged'));
	});
});

describe('cancelling', () => {
	test('ends the processes of a running task, keeps its work on its branch, and its agent takes the next', async () => {
		const room = await openEngine({agents: {developer: TICKS}, config: {review: 'off'}});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await untilTicking(room);
		await room.when('its pid', () => room.agent(DEV_1).pid > 0);
		const {pid} = room.agent(DEV_1);
		await room.must({type: 'cancel-task', task: 't'});
		await room.when('the end of its process', () => !isRunning(pid));
		room.touch('go-next');
		await room.must({type: 'add-task', title: 'next', id: 'next'});
		await room.when('the merge', () => isIn(room, 'next', 'merged'));
		expect(room.mergedCommit()).toEqual(['next']);
		expect(room.kept('show', 'refs/agent-room/attempts/t-a1:t.txt')).toBe(`${DEV_1} attempt 1`);
		expect(await room.ask({type: 'cancel-task', task: 't'})).toMatchObject({ok: false, code: 'gone'});
	});

	test('of a task whose place is being made starts no process', async () => {
		const room = await openEngine({
			agents: {developer: [`: >"$D/ran-$AGENT_ROOM_TASK"\n${WRITES}`]},
			config: {review: 'off', setup: 'while [ ! -e ../../../d/prepared ]; do sleep 0.02; done'},
		});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.when('the claim', () => room.team().tasks.get('t')?.state === 'leased');
		await room.must({type: 'cancel-task', task: 't'});
		room.touch('prepared');
		await room.must({type: 'add-task', title: 'next', id: 'next'});
		await room.when('the merge', () => isIn(room, 'next', 'merged'));
		expect(existsSync(join(room.folder, 'ran-t'))).toBe(false);
	});
});

describe('stopping the room', () => {
	test('while a place is being made starts nothing in it, and the task is ready for the next room', async () => {
		const room = await openEngine({
			agents: {developer: `: >"$D/ran"\n${WRITES}`},
			config: {review: 'off', setup: ': >../../../d/preparing; while [ ! -e ../../../d/prepared ]; do sleep 0.02; done'},
		});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.when('the setup', () => existsSync(join(room.folder, 'preparing')));
		const stopping = room.room.stop('enough');
		// The stop may end while this is asked, and Redis with it: then the task was handed over before.
		const state = () => room.redis('HGET', 'workflow:tasks:status:t', 'state').catch(() => 'ready');
		await room.when('the hand-over', async () => (await state()) === 'ready');
		room.touch('prepared');
		await stopping;
		expect(existsSync(join(room.folder, 'ran'))).toBe(false);
	});

	test('a held agent that is deaf to SIGTERM is ended, its work saved, its task released without a failure', async () => {
		const room = await openEngine({agents: {developer: `trap '' TERM\n${TICKS}`}, config: {review: 'off'}});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await untilTicking(room);
		await room.when('its pid', () => room.agent(DEV_1).pid > 0);
		const {pid} = room.agent(DEV_1);
		const end = await room.room.stop('enough');
		expect(isRunning(pid)).toBe(false);
		expect(end).toMatchObject({open: 1, failed: 0});
		expect(room.kept('show', 'refs/agent-room/attempts/t-a1:t.txt')).toBe(`${DEV_1} attempt 1`);
		expect(readFileSync(join(room.folder, '..', 's', 'room.log'), 'utf8')).not.toContain('Error');
	});
});

test('two orders about one task at once take it away once', async () => {
	const room = await openEngine({agents: {developer: [TICKS, TICKS]}, config: {review: 'off'}});
	await room.must({type: 'add-task', title: 't', id: 't'});
	await untilTicking(room);
	const {owner} = room.task('t');
	const results = await Promise.all([
		room.ask({type: 'reassign-task', task: 't', agent: owner === DEV_1 ? DEV_2 : DEV_1}),
		room.ask({type: 'unassign-task', task: 't'}),
		room.ask({type: 'stop-agent', agent: owner, how: 'kill'}),
	]);
	expect(results.some(result => result.ok)).toBe(true);
	room.touch('go-t');
	await room.when('the merge', () => isIn(room, 't', 'merged'));
	await room.when('everybody idle', () => everyoneIdle(room));
	expect(room.mergedCommit()).toEqual(['t']);
});
