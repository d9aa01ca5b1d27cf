import {dirname} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Reply} from '../../../source/core/protocol/request.ts';
import {follow} from '../../../source/socket/client.ts';
import {attemptSocketOf, DEV_1, DEV_2, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';

const WORKS = `${WRITES}\n${WAITS}`;
const config = {review: 'off'} as const;

/** Two developers at work on `one` and `two`; by task, what a report of theirs needs. */
const openTwo = async (
	developer: string | readonly string[] = [WORKS, WORKS],
): Promise<{room: TestRoom; as: (task: string) => {agent: string; task: string; token: string}}> => {
	const room = await openEngine({agents: {developer}, config});
	for (const id of ['one', 'two']) await room.must({type: 'add-task', title: id, id});
	await room.when('both at work', () => room.read('at-one-1') && room.read('at-two-1'));
	return {room, as: task => ({agent: room.task(task).owner, task, token: room.read(`at-${task}-1`)})};
};
const waitersOf = (room: TestRoom): string[] => [...room.team().waiters.values()].map(({name}) => name);

describe('a lock that is waited for', () => {
	test('is given as soon as it is free, and the one answer says so; meanwhile everybody sees who waits', async () => {
		const {room, as} = await openTwo();
		const lock = {kind: 'lock', name: 'src/**'} as const;
		expect(await room.report(as('one'), lock)).toMatchObject({ok: true, data: {fence: expect.any(Number)}});
		const refused = await room.report(as('two'), {...lock, name: 'src/db'});
		expect(refused).toMatchObject({ok: false, code: 'held'});
		expect(refused.message).toMatch(/^`src\/db` is locked by dev-\d for \d+s \(`src\/\*\*`\)\.$/);
		const waiting = room.report(as('two'), {...lock, name: 'src/db', waitMs: 50_000});
		await room.when('it waits', () => waitersOf(room).length === 1);
		const {data} = (await room.call({op: 'status'})) as {data: {locks: unknown}};
		expect(data.locks).toEqual([
			expect.objectContaining({name: 'path:src/**', waiters: [expect.objectContaining({name: 'path:src/db', agent: as('two').agent})]}),
		]);
		expect(await room.report(as('one'), {kind: 'unlock', name: 'src/**'})).toMatchObject({ok: true});
		expect(await waiting).toMatchObject({ok: true, message: 'locked src/db'});
		await room.when('nobody waits', () => waitersOf(room).length === 0);
		expect(room.team().locks.get('path:src/db')?.owner).toBe(as('two').agent);
	});

	test('is given up when the agent hangs up, at its time, or with the attempt', async () => {
		const {room, as} = await openTwo();
		const lock = {kind: 'lock', name: 'x', waitMs: 50_000} as const;
		await room.report(as('one'), {kind: 'lock', name: 'x'});
		const hanging = new AbortController();
		const socket = attemptSocketOf(dirname(room.room.socketPath), as('two')) ?? '';
		const asking = follow(socket, {op: 'report', ...lock, ...as('two')}, () => {}, {signal: hanging.signal});
		await room.when('it waits', () => waitersOf(room).length === 1);
		hanging.abort();
		await asking;
		await room.when('it left', () => waitersOf(room).length === 0);
		expect(await room.report(as('two'), {...lock, waitMs: 100})).toMatchObject({
			code: 'held',
			message: expect.stringMatching(/^`x` is locked by dev-\d for \d+s\. The wait is over\.$/),
		});
		const last = room.report(as('two'), lock);
		await room.when('it waits', () => waitersOf(room).length === 1);
		await room.must({type: 'cancel-task', task: 'two'});
		expect(await last).toMatchObject({ok: false, code: 'stale'});
		await room.when('it left', () => waitersOf(room).length === 0);
	});

	test('is refused at once where waiting would never end, in words that name the ring', async () => {
		const {room, as} = await openTwo();
		await room.report(as('one'), {kind: 'lock', name: 'a'});
		await room.report(as('two'), {kind: 'lock', name: 'b'});
		const waiting = room.report(as('one'), {kind: 'lock', name: 'b', waitMs: 50_000});
		await room.when('it waits', () => waitersOf(room).length === 1);
		const [one, two] = [as('one').agent, as('two').agent].map(id => `dev-${Number(id.slice(-3))}`);
		expect(await room.report(as('two'), {kind: 'lock', name: 'a/x', waitMs: 50_000})).toMatchObject({
			code: 'deadlock',
			message: `Waiting for \`a/x\` would be a deadlock: ${two} waits for \`a\`, held by ${one}, ${one} waits for \`b\`, held by ${two}.`,
		});
		await room.report(as('two'), {kind: 'unlock', name: 'b'});
		expect(await waiting).toMatchObject({ok: true});
	});

	test('waits on while Redis is away', async () => {
		const {room, as} = await openTwo();
		await room.report(as('one'), {kind: 'lock', name: 'x'});
		const waiting = room.report(as('two'), {kind: 'lock', name: 'x', waitMs: 50_000});
		await room.when('it waits', () => waitersOf(room).length === 1);
		await room.redis('CLIENT', 'KILL', 'SKIPME', 'yes');
		await room.when('it is given back', async () => (await room.report(as('one'), {kind: 'unlock', name: 'x'})).ok);
		expect(await waiting).toMatchObject({ok: true});
	});

	test('works from the command line of an agent', async () => {
		const waits = 'agent-room report lock "src/db/**" --wait 50s >"$D/said" 2>&1; echo "exit $?" >>"$D/said"';
		const locks = `${WRITES}\nagent-room report lock src && : >"$D/locked"\n${WAITS}`;
		const room = await openEngine({agents: {developer: [locks, locks]}, config});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('the lock', () => room.team().locks.size === 1);
		const other = room.task('one').owner === DEV_1 ? '2' : '1';
		room.write(`developer-${other}.sh`, `D='${room.folder}'\n${WRITES}\n${waits}`);
		await room.must({type: 'add-task', title: 'two', id: 'two'});
		await room.when('it waits', () => waitersOf(room).length === 1);
		room.touch('go-one');
		await room.when('both merges', () => room.mergedCommit().length === 2);
		expect(room.read('said')).toBe('locked src/db/**\nexit 0');
	});
});

test('a lock that a person takes away is told to its holder: in its pane, its inbox, and when it next speaks of it', async () => {
	const {room, as} = await openTwo();
	await room.report(as('one'), {kind: 'lock', name: 'src'});
	await room.must({type: 'unlock', name: 'path:src'});
	expect(await room.report(as('one'), {kind: 'lock', name: 'src'})).toMatchObject({
		code: 'unlocked',
		message: 'A human released your lock `src`.',
	});
	const lines = (reply: Reply): string => JSON.stringify(reply.data);
	await room.when('its pane tells', async () =>
		lines(await room.call({op: 'logs', id: as('one').agent})).includes('Your lock path:src was released'),
	);
	const inbox = await room.report(as('one'), {kind: 'inbox'});
	expect(inbox.message).toMatch(/^\d+s ago, a human: Your lock path:src was released by a human\./);
	expect(await room.report(as('one'), {kind: 'lock', name: 'src'})).toMatchObject({ok: true});
	for (const name of ['', ' ', 'a\nb', 'x'.repeat(300)])
		expect(await room.report(as('one'), {kind: 'lock', name})).toMatchObject({code: 'bad-request'});
});

describe('mail', () => {
	test('is read once from the inbox; what is unread stands in the next brief, as a list of single lines', async () => {
		const reads = `cp "$AGENT_ROOM_BRIEF_FILE" "$D/brief-$AGENT_ROOM_TASK"\n${WORKS}\nagent-room report inbox >"$D/inbox"`;
		const room = await openEngine({agents: {developer: reads}, config});
		await room.must({type: 'pause-agent', agent: DEV_1});
		await room.when('the pause', () => room.agent(DEV_1).status === 'paused');
		await room.must({type: 'message', agent: 'dev-1', text: 'look\n# at docs/db.md'});
		expect(await room.ask({type: 'message', agent: 'dev-9', text: 'x'})).toMatchObject({ok: false, code: 'gone'});
		await room.must({type: 'add-task', title: 't', id: 't'});
		await room.must({type: 'resume-agent', agent: DEV_1});
		await room.atWork('t', 1);
		expect(room.read('brief-t')).toContain('## Messages\n\n```text\n- From a human: look # at docs/db.md\n```');
		await room.when('its mark', async () => (await room.redis('HGET', `workflow:agents:status:${DEV_1}`, 'mailRead')) !== null);
		await room.must({type: 'message', agent: 'dev-1', text: 'again'});
		room.touch('go-t');
		await room.when('the merge', () => room.task('t').state === 'merged');
		expect(room.read('inbox')).toMatch(/^\d+s ago, a human: again$/);
		room.touch('go-u');
		await room.must({type: 'add-task', title: 'u', id: 'u'});
		await room.when('the merge', () => room.task('u').state === 'merged');
		expect(room.read('brief-u')).not.toContain('Mail');
		expect(room.read('inbox')).toBe('no new messages');
	});

	test('of one agent to another names its task, and is that of a superseded attempt no more', async () => {
		const {room, as} = await openTwo();
		const [one, two] = [as('one'), as('two')];
		const to = two.agent === DEV_2 ? 'dev-2' : 'dev-1';
		expect(await room.report(one, {kind: 'message', to, text: 'mind the gap'})).toMatchObject({ok: true});
		expect((await room.report(two, {kind: 'inbox'})).message).toMatch(/^\d+s ago, dev-\d \(one\): mind the gap$/);
		await room.redis('HSET', 'workflow:tasks:status:one', 'token', '99:other');
		expect(await room.report(one, {kind: 'message', to, text: 'late'})).toMatchObject({ok: false, code: 'stale'});
		expect((await room.report(two, {kind: 'inbox'})).message).toBe('no new messages');
	});
});
