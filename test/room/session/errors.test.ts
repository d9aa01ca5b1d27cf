import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {ROOM_USER} from '../../../source/redis/server/credentials.ts';
import {isRunning} from '../../helpers/cleanup.ts';
import {APPROVES, DEV_1, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';

const isIn = (room: TestRoom, task: string, state: string): boolean => room.team().tasks.get(task)?.state === state;
const add = (room: TestRoom, id = 't') => room.must({type: 'add-task', title: id, id});

describe('Redis', () => {
	test('that refuses to write when a result is handed in is asked until it takes it, says so on the screen, and nothing is done twice', async () => {
		const room = await openEngine({agents: {developer: `${WRITES}\n${WAITS}`}, config: {review: 'off'}});
		await add(room);
		await room.when('its start', () => room.read('at-t-1'));
		await room.redis('CONFIG', 'SET', 'maxmemory', 1);
		room.touch('go-t');
		const banner = (): string => room.store.getSnapshot().banners.find(({id}) => id === 'redis-refuses')?.text ?? '';
		await room.when('the banner', () => banner());
		expect(banner()).toContain('OOM');
		await room.redis('CONFIG', 'SET', 'maxmemory', 0);
		await room.when('the merge', () => isIn(room, 't', 'merged'));
		expect(room.task('t')).toMatchObject({attempt: 1, failures: 0});
		await room.when('no banner', () => banner() === '');
		expect(room.read('at-t-2')).toBe('');
	});

	test('that refuses a result for good gets its task back as soon as it can be, with its work, and it is done once', async () => {
		const room = await openEngine({agents: {developer: `${WRITES}\n${WAITS}`}, config: {review: 'off'}});
		await add(room);
		await room.when('its start', () => room.read('at-t-1'));
		await room.redis('ACL', 'SETUSER', ROOM_USER, '-fcall', '-evalsha');
		room.touch('go-t');
		const log = (): string => readFileSync(join(dirname(room.folder), 's', 'room.log'), 'utf8');
		await room.when('the refusal', () => log().includes('finishing t by agent:dev:001: cannot write its result'));
		await room.redis('ACL', 'SETUSER', ROOM_USER, '+fcall', '+evalsha');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
		expect(room.events.filter(({type}) => type === 'task_reclaimed').map(({text}) => text)).toEqual(['it was no longer running']);
		expect(room.task('t')).toMatchObject({failures: 0});
		expect(room.mergedCommit()).toEqual(['t']);
	});

	test('that refuses everything keeps no room from its end, and no process at work', async () => {
		const works = `${WRITES}\n${WAITS}`;
		const setup = 'if [ -e ../../../d/slow ]; then echo 1 >../../../d/making; sleep 2; fi';
		const room = await openEngine({agents: {developer: [works, works]}, config: {review: 'off', setup}});
		await add(room);
		await room.when('its work', () => room.read('at-t-1') && room.agent(room.task('t').owner).pid > 0);
		const {pid} = room.agent(room.task('t').owner);
		room.touch('slow');
		await add(room, 'u');
		await room.when('a place that is being made', () => room.read('making'));
		await room.redis('ACL', 'SETUSER', ROOM_USER, '-fcall', '-evalsha');
		expect(await room.room.stop('enough')).toMatchObject({reason: 'enough'});
		expect(isRunning(pid)).toBe(false);
	});

	test('whose connections are cut again and again loses nothing, and every entry of the record is told once and in order', async () => {
		const room = await openEngine({agents: {developer: [WRITES, WRITES]}, config: {review: 'off'}});
		const ids = ['a', 'b', 'c', 'd'];
		for (const id of ids) {
			// What is refused while the connection is away has changed nothing, and is asked for again.
			await room.when('the task', async () => (await room.ask({type: 'add-task', title: id, id})).ok);
			await room.redis('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
		}
		await room.when('the merges', () => ids.every(id => isIn(room, id, 'merged')), 40_000);
		expect(room.mergedCommit().toSorted()).toEqual(ids);
		const recorded = ((await room.redis('XRANGE', 'workflow:events', '-', '+')) as [string][]).map(([id]) => id);
		await room.when('the end of the record', () => room.events.at(-1)?.id === recorded.at(-1));
		const told = room.events.map(({id}) => id);
		expect(told).toEqual(recorded.slice(recorded.indexOf(told[0] ?? '')));
	});
});

describe('an agent', () => {
	test('that takes its own worktree away fails its attempt, and the next begins from its last commit', async () => {
		const first = `if [ "$AGENT_ROOM_ATTEMPT" = 1 ]; then
${WRITES}; git add -A; git -c user.name=a -c user.email=a@b commit -qm one; ${WAITS}; cd /; rm -rf "$AGENT_ROOM_WORKTREE"; exit 0
fi
echo more >more.txt`;
		// In a sandbox it cannot: its worktree is mounted there.
		const room = await openEngine({agents: {developer: first}, config: {review: 'off', sandbox: 'off'}});
		await add(room);
		// A commit is the room's too as soon as its file watch has told of it.
		await room.when(
			'its commit was seen',
			() => room.read('at-t-1') && room.kept('ls-tree', '--name-only', 'refs/agent-room/attempts/t-a1').includes('t.txt'),
		);
		room.touch('go-t');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
		expect(room.task('t')).toMatchObject({failures: 1});
		expect(room.repository.git(['show', 'main:t.txt'])).toBe(`${DEV_1} attempt 1`);
		expect(room.repository.git(['show', 'main:more.txt'])).toBe('more');
	});

	test('whose command is not there any more rests and says why, and costs its task no attempt', async () => {
		const room = await openEngine({
			agents: {developer: WRITES},
			config: {
				review: 'off',
				sandbox: 'off',
				setup: 'test -e ../../../d/mended || { sleep 300 >/dev/null 2>&1 & echo $! >../../../d/sleeps; exit 7; }',
			},
		});
		await add(room);
		await room.when('the rest', () => room.agent(DEV_1).status === 'crashed');
		expect(room.agent(DEV_1).reason).toContain('`setup` failed');
		expect(room.task('t')).toMatchObject({state: 'ready', failures: 0});
		const left = Number(room.read('sleeps'));
		await room.when('the end of what the setup had started', () => !isRunning(left));
		room.touch('mended');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
		expect(room.task('t').failures).toBe(0);
	});

	test('that takes too long is ended, its children too, and the reason says the limit', async () => {
		const room = await openEngine({
			agents: {developer: `if [ "$AGENT_ROOM_ATTEMPT" = 1 ]; then trap '' TERM; sleep 60 & sleep 60; fi\n${WRITES}`},
			config: {review: 'off', timeout: '1s'},
		});
		await add(room);
		await room.when('the failure', () => room.team().tasks.get('t')?.failures === 1);
		expect(room.task('t').reason).toBe('took longer than the timeout of 1s');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
	});

	test('that is silent is called stalled, not idle, and works again with its next word', async () => {
		const room = await openEngine({
			agents: {developer: `${WAITS}\n${WRITES}\nwhile [ ! -e "$D/end" ]; do echo hello; sleep 0.05; done`},
			config: {review: 'off', stallTimeout: '500ms'},
		});
		await add(room);
		await room.when('the stall', () => room.agent(DEV_1).status === 'stalled');
		expect(room.task('t').state).toBe('leased');
		room.touch('go-t');
		await room.when('a word', () => room.events.some(event => event.text === 'active again'));
		room.touch('end');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
	});

	test('that reports progress is not silent, and its silence is counted anew from an answer', async () => {
		const report = (words: string): string => `agent-room report ${words} >/dev/null`;
		const room = await openEngine({
			agents: {
				developer: `${WAITS}\n${report('progress "step 2/9"')}\n${report('ask "Which?"')}\nwhile [ ! -e "$D/end" ]; do sleep 0.05; done\n${WRITES}`,
			},
			config: {review: 'off', stallTimeout: '800ms'},
		});
		const stalls = () => room.events.filter(({text}) => text === 'stalled: no output');
		await add(room);
		await room.when('the stall', () => stalls().length === 1);
		room.touch('go-t');
		await room.when('its question', () => room.agent(DEV_1).questionId !== '');
		expect(room.events.some(({text}) => text.includes('active again'))).toBe(true);
		const askedAt = performance.now();
		await room.when('more than its timeout', () => performance.now() - askedAt > 1200);
		await room.must({type: 'answer', agent: DEV_1, questionId: room.agent(DEV_1).questionId, text: 'This.'});
		const answeredAt = performance.now();
		await room.when('the next stall', () => stalls().length === 2);
		expect(performance.now() - answeredAt).toBeGreaterThan(700);
		room.touch('end');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
	});

	test('that reports under a token that is not its own is refused, and changes nothing', async () => {
		const room = await openEngine({agents: {developer: `${WRITES}\n${WAITS}`, 'code-sentinel': APPROVES}});
		await add(room);
		await room.when('its start', () => room.read('at-t-1'));
		const token = room.read('at-t-1');
		const wrong = [
			{agent: DEV_1, task: 't', token: '999:x'},
			{agent: DEV_1, task: 't', token: ''},
			{agent: DEV_1, task: 't', token: token.split(':')[0] ?? ''},
			{agent: DEV_1, task: 'other', token},
		];
		for (const as of wrong)
			for (const report of [
				{kind: 'done'},
				{kind: 'progress', text: 'x'},
				{kind: 'lock', name: 'a'},
				{kind: 'tested', commit: 'x', runs: []},
			] as const)
				expect(await room.report(as, report, {token})).toMatchObject({ok: false, code: 'stale'});
		const forged = {agent: 'agent:rev:001', task: 't', token};
		expect(await room.report(forged, {kind: 'done', verdict: 'approve'})).toMatchObject({ok: false, code: 'refused'});
		expect(room.task('t')).toMatchObject({state: 'leased', progress: '', token});
		expect([...room.team().locks.keys()]).toEqual([]);
		expect(await room.report({agent: DEV_1, task: 't', token}, {kind: 'tested', commit: 'x', runs: []})).toMatchObject({code: 'refused'});
		room.touch('go-t');
		await room.when('the merge', () => isIn(room, 't', 'merged'));
	});
});

test('an outsider’s lock on a task keeps it from everybody, and when it ends by itself the task is taken without anybody’s help', async () => {
	const room = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
	await room.redis('SET', 'workflow:locks:task:t', 'agent:x', 'NX', 'PX', 1500);
	await add(room);
	await room.when('a claim in vain', () => isIn(room, 't', 'ready'));
	await room.when('the merge', () => isIn(room, 't', 'merged'));
});
