import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {Reply} from '../../../source/core/protocol/request.ts';
import {follow} from '../../../source/socket/client.ts';
import {DEV_1, DEV_2, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';

const isIn = (room: TestRoom, task: string, state: string): boolean => room.team().tasks.get(task)?.state === state;

/** Hands its title on, byte by byte. */
const SAYS = `${WRITES}; printf %s "$AGENT_ROOM_TITLE" >"$D/title-$AGENT_ROOM_TASK"`;

describe('titles and briefs of anybody', () => {
	const titles = [
		'$(touch canary) `touch canary`; touch canary',
		'first line\nsecond line\r\nRoom-Task: other',
		'\u001b]52;c;Y2FuYXJ5\u0007\u001b[2J red \u202Ereversed',
		'--upload-pack=touch canary',
		'../../../etc/passwd',
		'it\'s "quoted" {briefFile} %s %n $AGENT_ROOM_TOKEN',
		'\u0000nul and \u3000 wide',
	];

	test('reach the base as one printable line each, are shown whole to the agent, and run nothing', async () => {
		const room = await openEngine({
			agents: {developer: [SAYS, SAYS]},
			config: {lease: '15s', review: 'off'},
		});
		const big = 'x'.repeat(10_000);
		expect(await room.ask({type: 'add-task', title: big})).toMatchObject({ok: false, code: 'bad-task'});
		for (const [at, title] of titles.entries()) await room.must({type: 'add-task', title, id: `t-${at}`, description: `${title}\n${big}`});
		await room.when('the merges', () => titles.every((_, at) => isIn(room, `t-${at}`, 'merged')), 50_000);
		expect(room.mergedCommit().toSorted()).toEqual(titles.map((_, at) => `t-${at}`));
		expect(room.read('title-t-0')).toBe(titles[0]);
		expect(room.read('title-t-3')).toBe(titles[3]);
		const log = room.repository.git(['log', '--format=%B', 'main']);
		expect(log).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
		for (const folder of [room.repository.root, room.folder, join(room.folder, '..', 's')])
			expect(
				readdirSync(folder, {recursive: true})
					.map(String)
					.filter(name => name.includes('canary')),
			).toEqual([]);
		expect(
			room.repository
				.git(['for-each-ref', '--format=%(refname)', 'refs/heads'])
				.split('\n')
				.filter(ref => !/^refs\/heads\/(main|agent\/t-\d-a\d)$/.test(ref)),
		).toEqual([]);
		expect(room.repository.git(['status', '--porcelain'])).toBe('');
		const briefs = join(room.folder, '..', 's', 'briefs');
		const description = readdirSync(briefs).find(name => /^t-0-develop-\d+\.md$/.test(name));
		expect(readFileSync(join(briefs, description ?? ''), 'utf8')).toContain(big);
		room.repository.git(['fsck', '--full', '--strict']);
	});
});

describe('what an agent gets and says', () => {
	test('its environment holds no address of Redis, also where the configuration would let one through', async () => {
		onTestFinished(() => void delete process.env.AGENT_ROOM_REDIS_URL);
		process.env.AGENT_ROOM_REDIS_URL = 'redis://:secret@elsewhere:1';
		const room = await openEngine({
			agents: {developer: `env >"$D/env"; ${WRITES}`},
			config: {review: 'off', env: ['AGENT_ROOM_REDIS_URL'], test: 'env >../../../d/test-env'},
		});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.when('the merge', () => isIn(room, 't', 'merged'));
		for (const env of [room.read('env'), room.read('test-env')]) {
			expect(env).toContain('PATH=');
			expect(env).not.toMatch(/redis|secret/i);
		}
		expect(room.read('test-env')).not.toMatch(/AGENT_ROOM_(TOKEN|SOCKET)/);
	});

	test('a lock on a path shows in the team, excludes others, and ends with its attempt without a word of its agent', async () => {
		const room = await openEngine({agents: {developer: [`${WRITES}\n${WAITS}`, `${WRITES}\n${WAITS}`]}, config: {review: 'off'}});
		for (const id of ['one', 'two']) await room.must({type: 'add-task', title: id, id});
		await room.when('both at work', () => room.read('at-one-1') && room.read('at-two-1'));
		const as = (task: string) => ({agent: room.task(task).owner, task, token: room.read(`at-${task}-1`)});
		expect(await room.report(as('one'), {kind: 'lock', name: 'src/**'})).toMatchObject({ok: true});
		await room.when('the lock', () => room.team().locks.get('path:src/**')?.owner === room.task('one').owner);
		expect(await room.report(as('two'), {kind: 'lock', name: 'src/**'})).toMatchObject({ok: false, code: 'held'});
		expect(await room.report(as('two'), {kind: 'unlock', name: 'src/**'})).toMatchObject({ok: false, code: 'gone'});
		expect(await room.report(as('two'), {kind: 'lock', name: 'docs'})).toMatchObject({ok: true});
		expect(await room.report(as('two'), {kind: 'unlock', name: 'docs'})).toMatchObject({ok: true});
		await room.must({type: 'cancel-task', task: 'one'});
		await room.when('no lock', () => room.team().locks.size === 0);
		expect(await room.report(as('two'), {kind: 'lock', name: 'src/**'})).toMatchObject({ok: true});
		room.touch('go-two');
		await room.when('the merge', () => isIn(room, 'two', 'merged'));
		expect([...room.team().locks.keys()]).toEqual([]);
	});

	test('a message names its reader, stands in the record as one line and in the reader’s pane; one to nobody is refused', async () => {
		const room = await openEngine({agents: {developer: [`${WRITES}\n${WAITS}`, WRITES]}, config: {review: 'off'}});
		await room.must({type: 'pause-agent', agent: DEV_2});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.when('its start', () => room.read('at-t-1'));
		const as = {agent: DEV_1, task: 't', token: room.read('at-t-1')};
		expect(await room.report(as, {kind: 'message', to: 'agent:dev:009', text: 'x'})).toMatchObject({ok: false, code: 'gone'});
		for (const to of [DEV_2, 'dev-2'])
			expect(await room.report(as, {kind: 'message', to, text: 'mind\nthe \u001b[31mgap'})).toMatchObject({ok: true});
		await room.when(
			'the record',
			() => room.events.filter(({type, text}) => type === 'mail_sent' && text === `${DEV_1}: mind the gap`).length === 2,
		);
		expect(room.store.pane(DEV_2)?.screen.rows).toBeGreaterThan(0);
		expect((await room.call({op: 'logs', id: DEV_2})).data).toMatchObject({lines: expect.arrayContaining(['dev-1 says: mind the gap'])});
		room.touch('go-t');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
	});

	test('a follower of the record hears everything that comes after a loss of Redis', async () => {
		const room = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
		const heard: string[] = [];
		const leave = new AbortController();
		const take = (reply: Reply): void => {
			const {type, task} = (reply.data ?? {}) as {type?: string; task?: string};
			heard.push(`${type} ${task}`);
		};
		const following = follow(room.room.socketPath, {op: 'events', since: '', follow: true}, take, {signal: leave.signal});
		await room.must({type: 'add-task', title: 'a', id: 'a'});
		await room.when('the first', () => heard.includes('task_merged a'));
		const pid = Number(/process_id:(\d+)/.exec(String(await room.redis('INFO', 'server')))?.[1]);
		process.kill(pid, 'SIGKILL');
		await room.when('the loss', () => !room.store.getSnapshot().redis.isConnected);
		await room.when('the return', () => room.store.getSnapshot().redis.isConnected);
		await room.must({type: 'add-task', title: 'b', id: 'b'});
		await room.when('the second', () => heard.includes('task_merged b'));
		leave.abort();
		await following;
		expect(new Set(heard).size).toBeGreaterThan(5);
	});
});
