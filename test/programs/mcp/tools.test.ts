import {existsSync, renameSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {STAGES} from '../../../source/core/task/task.ts';
import {toolsFor} from '../../../source/programs/mcp/tools.ts';
import {isRunning} from '../../helpers/cleanup.ts';
import {DEV_1, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {type McpClient, openMcp} from '../../helpers/mcp.ts';
import {listenAsRoom} from '../../helpers/room-socket.ts';

/** The environment of an attempt as its own process has it, by task and stage. */
const SAYS_ENVIRONMENT = [
	'env | grep ^AGENT_ROOM_ >"$D/e.$AGENT_ROOM_TASK-$AGENT_ROOM_STAGE"',
	'mv "$D/e.$AGENT_ROOM_TASK-$AGENT_ROOM_STAGE" "$D/env-$AGENT_ROOM_TASK-$AGENT_ROOM_STAGE"',
].join('\n');
const UNTIL_JUDGED = 'while [ ! -e "$D/judged" ]; do sleep 0.05; done';

const environmentOf = (room: TestRoom, name: string): Record<string, string> =>
	Object.fromEntries(
		room
			.read(`env-${name}`)
			.split('\n')
			.map(line => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
	);

/** A developer at work on `one`, and a client of its MCP server. */
const openAgent = async (
	agents: Readonly<Record<string, string>> = {},
	more: Readonly<Record<string, string>> = {},
): Promise<{room: TestRoom; mcp: McpClient}> => {
	const room = await openEngine({
		agents: {developer: `${SAYS_ENVIRONMENT}\n${WRITES}\n${WAITS}`, ...agents},
		config: {review: agents['code-sentinel'] ? 'required' : 'off'},
	});
	await room.must({type: 'add-task', title: 'The first', id: 'one'});
	await room.atWork('one', 1);
	return {room, mcp: await openMcp({...environmentOf(room, 'one-develop'), ...more})};
};

describe('the tools of an agent', () => {
	test('are those of its stage: a reviewer judges and locks nothing, an orchestrator plans, a stranger has none', () => {
		const names = (stage: string): string[] => toolsFor(stage).map(({name}) => name);
		const everybody = ['blocked', 'progress', 'ask', 'message', 'inbox', 'queue', 'explain', 'diff', 'log', 'show'];
		expect(names('develop').toSorted()).toEqual([...everybody, 'commit', 'done', 'lock', 'unlock'].toSorted());
		expect(names('review').toSorted()).toEqual([...everybody, 'done'].toSorted());
		expect(names('plan').toSorted()).toEqual([...everybody, 'plan'].toSorted());
		expect(names('nonsense')).toEqual([]);
		for (const stage of STAGES) expect(new Set(names(stage)).size).toBe(names(stage).length);
		expect(
			toolsFor('review')
				.find(({name}) => name === 'done')
				?.input.safeParse({}).success,
		).toBe(false);
		expect(
			toolsFor('develop')
				.find(({name}) => name === 'done')
				?.input.safeParse({}).success,
		).toBe(true);
	});

	test('cost a model little: every description is short, every tool says what it may do', async () => {
		const {mcp} = await openAgent();
		const tools = await mcp.tools();
		expect(tools.length).toBe(14);
		for (const {description, annotations, inputSchema} of tools) {
			expect(description?.length).toBeLessThan(250);
			expect(annotations).toMatchObject({destructiveHint: false, openWorldHint: false});
			expect(inputSchema.type).toBe('object');
		}
		expect(tools.filter(({annotations}) => annotations?.readOnlyHint).map(({name}) => name)).toEqual([
			'diff',
			'log',
			'show',
			'queue',
			'explain',
		]);
		expect(JSON.stringify(tools).length).toBeLessThan(10_000);
		expect(mcp.instructions()).toContain('reassigned');
	});
});

describe('an agent that speaks MCP', () => {
	test('tells, locks, reads and writes mail under its own token, and hands its work in', async () => {
		const {room, mcp} = await openAgent({'code-sentinel': `${SAYS_ENVIRONMENT}\n${UNTIL_JUDGED}`});
		expect(await mcp.call('progress', {text: 'half way'})).toEqual({text: 'Noted.', isError: false});
		await room.when('it is seen', () => room.agent(DEV_1).doing === 'half way');
		expect(await mcp.call('lock', {path: 'src/**'})).toMatchObject({isError: false});
		expect(room.team().locks.get('path:src/**')?.owner).toBe(DEV_1);
		expect(await mcp.call('unlock', {path: 'src/**'})).toMatchObject({isError: false});
		await room.must({type: 'message', agent: DEV_1, text: 'mind the schema'});
		expect((await mcp.call('inbox')).text).toContain('mind the schema');
		const git = await mcp.call('diff', {range: '--output=x'});
		expect(git).toMatchObject({isError: true, text: expect.stringContaining('is not a commit')});
		expect(await mcp.call('commit', {message: 'Half of it'})).toMatchObject({
			isError: false,
			text: expect.stringMatching(/^Committed 1 file as \w{7} on /),
		});
		expect((await mcp.call('log')).text).toMatch(/ Half of it$/);
		expect((await mcp.call('diff', {stat: true})).text).toMatch(/^1 file, \+1 -0/);
		expect(await mcp.call('inbox')).toEqual({text: 'no new messages', isError: false});
		expect(await mcp.call('message', {to: 'rev-1', text: 'soon'})).toEqual({text: 'Sent.', isError: false});
		expect(await mcp.call('message', {to: 'rev-9', text: 'soon'})).toMatchObject({isError: true, text: expect.stringContaining('rev-9')});
		await room.must({type: 'add-task', title: 'The \u001b[31msecond', id: 'two', after: ['one'], paths: ['db/**']});
		const {text} = await mcp.call('queue');
		expect(text).toMatch(/^Yours: one \(leased, in develop, dev-1 owns it\): The first\n\nOther open tasks \(1\):\n- two \(blocked/);
		expect(text).not.toContain('\u001b');
		expect((await mcp.call('explain', {id: 'two'})).text).toContain('one');
		expect((await mcp.call('explain', {id: 'dev-1'})).text).toContain('dev-1 (developer): working at one');
		expect(await mcp.call('explain', {id: 'nine'})).toMatchObject({isError: true});
		expect(await mcp.call('done', {summary: 'It is there.'})).toEqual({text: 'Submitted. Stop now.', isError: false});
		room.touch('go-one');
		await room.when('it is reviewed', () => room.has('env-one-review'));
		const reviewer = await openMcp(environmentOf(room, 'one-review'));
		expect(await reviewer.call('lock', {path: 'x'})).toMatchObject({isError: true});
		expect(await reviewer.call('done', {verdict: 'approve'})).toEqual({text: 'Verdict submitted. Stop now.', isError: false});
		room.touch('judged');
		await room.when('it is merged', () => room.mergedCommit().includes('one'));
	});

	test('waits for the person who answers its question; one that it gives up is withdrawn', async () => {
		const {room, mcp} = await openAgent();
		const asking = mcp.call('ask', {question: 'Which index?', choices: ['title', 'date']});
		await room.when('it asks', () => room.agent(DEV_1).questionId);
		expect(room.agent(DEV_1)).toMatchObject({status: 'needs-input', question: 'Which index?', choices: ['title', 'date']});
		await room.must({type: 'answer', agent: DEV_1, questionId: room.agent(DEV_1).questionId, choice: 2});
		expect(await asking).toEqual({text: 'date', isError: false});
		const patience = new AbortController();
		const givenUp = mcp.call('ask', {question: 'Still there?'}, {signal: patience.signal});
		await room.when('it asks again', () => room.agent(DEV_1).questionId);
		patience.abort();
		await expect(givenUp).rejects.toThrow();
		await room.when('the question is gone', () => room.agent(DEV_1).questionId === '' && room.agent(DEV_1).status === 'working');
	});

	test('is told by every tool that its task was reassigned, and changes nothing any more', async () => {
		// Without the mark of its attempt the room does not find it: a zombie.
		const {room, mcp} = await openAgent({}, {AGENT_ROOM_RUN: ''});
		await room.must({type: 'cancel-task', task: 'one'});
		await room.when('its attempt has ended', () => room.agent(DEV_1).task === '');
		const inputs: Record<string, Record<string, unknown>> = {
			commit: {message: 'x'},
			progress: {text: 'x'},
			ask: {question: 'x'},
			blocked: {reason: 'x'},
			message: {to: 'dev-1', text: 'x'},
			lock: {path: 'x'},
			unlock: {path: 'x'},
			explain: {id: 'one'},
		};
		// Also when its socket has gone, as it does a moment later.
		const tools = await mcp.tools();
		await room.when('its socket is gone', () => !existsSync(environmentOf(room, 'one-develop').AGENT_ROOM_SOCKET ?? ''));
		for (const {name} of tools) {
			const {text, isError} = await mcp.call(name, inputs[name]);
			expect({name, isError, text}).toEqual({name, isError: true, text: expect.stringMatching(/^Stop: your task was reassigned/)});
		}
		expect(room.team().locks.size).toBe(0);
		expect(room.task('one').state).toBe('cancelled');
	});
});

describe('the server', () => {
	test('ends with the attempt that it belongs to', async () => {
		const {room, mcp} = await openAgent();
		const asking = mcp.call('ask', {question: 'Shall I?'}).catch((error: unknown) => String(error));
		await room.when('it asks', () => room.agent(DEV_1).questionId);
		await room.must({type: 'cancel-task', task: 'one'});
		expect(await asking).toContain('closed');
		await room.when('the server has ended and its question is gone', () => !isRunning(mcp.pid) && room.agent(DEV_1).questionId === '');
	});

	const identity = {AGENT_ROOM_AGENT: DEV_1, AGENT_ROOM_TASK: 't-1', AGENT_ROOM_TOKEN: '3:x', AGENT_ROOM_STAGE: 'review'};

	test('refuses what does not fit before the room hears of it, and passes a verdict on with its comments', async () => {
		const socket = await listenAsRoom(() => ({ok: true, code: 'ok'}));
		const mcp = await openMcp({...identity, AGENT_ROOM_SOCKET: socket.path});
		for (const verdict of ['maybe', '', undefined]) expect(await mcp.call('done', {verdict})).toMatchObject({isError: true});
		expect(socket.requests).toEqual([]);
		const comments = [{file: 'a.ts', line: 3, severity: 'must-fix', text: 'no limit'}];
		expect(await mcp.call('done', {verdict: 'changes', summary: 'Not yet.', comments})).toMatchObject({isError: false});
		expect(socket.requests).toEqual([
			{
				op: 'report',
				agent: DEV_1,
				task: 't-1',
				token: '3:x',
				kind: 'done',
				verdict: 'changes',
				comments: JSON.stringify({text: 'Not yet.', comments}),
			},
		]);
	});

	test('ends with its client, and hangs up what it waits for', async () => {
		const socket = await listenAsRoom(() => undefined);
		const mcp = await openMcp({...identity, AGENT_ROOM_SOCKET: socket.path});
		const asking = mcp.call('ask', {question: 'Shall I?'}).catch((error: unknown) => String(error));
		await expect.poll(() => socket.requests.length).toBe(1);
		await mcp.close();
		await expect.poll(() => socket.hungUp()).toBe(1);
		await expect.poll(() => isRunning(mcp.pid)).toBe(false);
		expect(await asking).toContain('closed');
	});

	test('says that the room is away, and goes on when it is back', async () => {
		const socket = await listenAsRoom(() => ({ok: true, code: 'ok'}));
		const blockedByChanges = `${socket.path}.aside`;
		renameSync(socket.path, blockedByChanges);
		// What a room that was killed leaves: a file at which nobody listens.
		writeFileSync(socket.path, '');
		const mcp = await openMcp({...identity, AGENT_ROOM_SOCKET: socket.path});
		expect(await mcp.call('progress', {text: 'x'})).toEqual({text: expect.stringMatching(/^The room is disconnected\./), isError: true});
		renameSync(blockedByChanges, socket.path);
		expect(await mcp.call('progress', {text: 'x'})).toMatchObject({isError: false});
	});
});
