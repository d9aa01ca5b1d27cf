import {readdirSync, readFileSync, rmSync, statSync, truncateSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {readInfo} from '../../../source/redis/requirements.ts';
import {isRunning} from '../../helpers/cleanup.ts';
import {DEV_1, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {slackMs, until} from '../../helpers/wait.ts';

const SAVES = `echo "work of attempt $AGENT_ROOM_ATTEMPT" >"$AGENT_ROOM_TASK.txt"`;
const bannerOf = (room: TestRoom, id: string): string => room.store.getSnapshot().banners.find(banner => banner.id === id)?.text ?? '';
const isIn = (room: TestRoom, task: string, state: string): boolean => room.team().tasks.get(task)?.state === state;
const add = (room: TestRoom, id: string) => room.must({type: 'add-task', title: id, id});
const atWork = (room: TestRoom, id: string): boolean => room.read(`at-${id}-1`) !== '';

/** The embedded server's process and folder. */
const serverOf = async (room: TestRoom): Promise<{pid: number; folder: string; kill: () => Promise<void>}> => {
	const pid = Number(readInfo(String(await room.redis('INFO', 'server'))).get('process_id'));
	return {
		pid,
		folder: join(dirname(room.store.getSnapshot().redis.address), 'appendonlydir'),
		kill: async () => {
			process.kill(pid, 'SIGKILL');
			await until(() => !isRunning(pid), {everyMs: 1, what: 'the end of Redis'});
		},
	};
};
/** Whether a process is stopped where it is: T, or D for a shell whose child was stopped between vfork and exec, which it waits for. */
const isHeld = (pid: number): boolean => /^[TD]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '');

test('a Redis that is emptied beneath a room freezes it: agents are held, the screen says what to do, and once a person accepts, work goes on', async () => {
	const room = await openEngine({agents: {developer: `${SAVES}\n${WAITS}\n${WRITES}`}, config: {review: 'off'}});
	await add(room, 'a');
	await room.when('its work', () => atWork(room, 'a') && room.agent(DEV_1).pid > 0);
	const {pid} = room.agent(DEV_1);
	const emptiedAt = performance.now();
	await room.redis('FLUSHALL');
	await room.when('the banner', () => bannerOf(room, 'recovery') !== '');
	expect(performance.now() - emptiedAt).toBeLessThan(2000 + slackMs());
	expect(bannerOf(room, 'recovery')).toMatch(/^Redis came back empty.*agent-room rebuild/);
	await room.when('the hold', () => isHeld(pid));
	const reply = await room.call({op: 'status'});
	expect(reply).toMatchObject({data: {control: {frozen: true, recovery: 'Redis came back empty'}}});
	// It is still held when a lease has passed: nobody but a person decides.
	const beats = async (): Promise<number> => Number(await room.redis('GET', 'workflow:beats'));
	const heldAt = await beats();
	await room.when('a lease of beats', async () => (await beats()) > heldAt + 3000);
	expect(isHeld(pid)).toBe(true);
	expect(await room.redis('HGET', 'workflow:control', 'frozen')).toBe('1');

	expect(await room.ask({type: 'freeze', on: false})).toMatchObject({
		ok: false,
		hint: expect.stringContaining('agent-room rebuild --start-empty'),
	});
	await room.must({type: 'rebuild', from: 'redis'});
	await room.when('no banner', () => bannerOf(room, 'recovery') === '');
	await room.when('the tasks that are left', () => room.team().tasks.size === 0);
	expect(await room.redis('HMGET', 'workflow:meta', 'epoch')).toEqual(['2']);
	// What was worked on under a token that is gone is saved, not handed in.
	const attempts = 'refs/agent-room/attempts/a-a1';
	const saved = (): string =>
		room.kept('for-each-ref', attempts) === '' ? '' : room.kept('log', '--format=%s', '-1', attempts, '--', 'a.txt');
	await room.when('the saved work', () => saved().startsWith('Save the work of'));
	expect(room.kept('show', `${attempts}:a.txt`)).toBe('work of attempt 1');
	room.touch('go-b');
	await add(room, 'b');
	await room.when('the merge', () => isIn(room, 'b', 'merged'));
	expect(room.mergedCommit()).toEqual(['b']);
});

test('a Redis that comes back older hands out nothing before a person decides; then what it lost is done once', async () => {
	const room = await openEngine({agents: {developer: `${WAITS}\n${WRITES}`}, config: {review: 'off'}});
	// Handed out in a step of its own, which is what is lost.
	await room.must({type: 'pause-all'});
	await add(room, 'a');
	await room.must({type: 'resume-all'});
	await room.when('its work', () => atWork(room, 'a') && room.agent(DEV_1).pid > 0);
	const {token} = room.task('a');
	const {pid} = room.agent(DEV_1);
	const server = await serverOf(room);
	await server.kill();
	// Everything from the claim on is gone.
	const file = join(server.folder, readdirSync(server.folder).find(name => name.endsWith('.incr.aof')) ?? '');
	const text = readFileSync(file, 'latin1');
	truncateSync(file, text.indexOf('"type":"task_claimed"') - 10);
	expect(statSync(file).size).toBeGreaterThan(100);
	await room.when('the banner', () => bannerOf(room, 'recovery') !== '');
	expect(bannerOf(room, 'recovery')).toContain('Redis came back with older data');
	await room.when('the hold', () => isHeld(pid));
	room.touch('go-a');
	await room.must({type: 'rebuild', from: 'redis'});
	// The pause came back with the data.
	await room.must({type: 'resume-all'});
	await room.when('the merge', () => isIn(room, 'a', 'merged'));
	expect(room.mergedCommit()).toEqual(['a']);
	expect(room.task('a').token).not.toBe(token);
});

test('an AOF folder that is deleted is found by the next life of the room too, and a run does not take it for an empty queue', async () => {
	const options = {agents: {developer: `${WAITS}\n${WRITES}`}, config: {review: 'off' as const}};
	const first = await openEngine(options);
	await add(first, 'a');
	await first.when('its work', () => atWork(first, 'a'));
	const {folder} = await serverOf(first);
	await first.room.stop('the first life is over');
	rmSync(folder, {recursive: true});
	const second = await openEngine({...options, again: first, options: {untilEmpty: true}});
	const ended = await second.room.ended;
	expect(ended).toMatchObject({exitCode: 3, reason: expect.stringMatching(/^Redis came back empty.*agent-room rebuild/)});
	const third = await openEngine({...options, again: first});
	await third.when('the banner', () => bannerOf(third, 'recovery') !== '');
	await third.must({type: 'rebuild', from: 'redis'});
	await third.when('no freeze', () => !third.team().control.frozen);
	third.touch('go-b');
	await add(third, 'b');
	await third.when('the merge', () => isIn(third, 'b', 'merged'));
});
