import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Reply} from '../../source/core/protocol/request.ts';
import {openGuardian} from '../../source/git/guardian/guardian.ts';
import {openRepository} from '../../source/git/repository/repository.ts';
import {type Ended, startRoomProgram} from '../helpers/program.ts';
import {createTestRepository, type TestRepository} from '../helpers/repository.ts';
import {listenAsRoom, type RoomSocket} from '../helpers/room-socket.ts';

type TerminalTools = {
	readonly repository: TestRepository;
	readonly candidate: string;
	readonly expectedBase: string;
	readonly clone: string;
	run(room: RoomSocket): Promise<Ended>;
};

/** A repository with a tested candidate of task `t-1` in the guardian's clone. */
const createCandidate = async (): Promise<TerminalTools> => {
	const repository = createTestRepository();
	const clone = join(repository.stateFolder, 'guardian.git');
	mkdirSync(repository.stateFolder, {recursive: true});
	const commit = repository.branch('agent/t-1-a1', {'hello.txt': 'hello\n'});
	const guardian = await openGuardian({repository: await openRepository(repository.root), folder: clone, base: 'main'});
	await guardian.importCommit(commit);
	const expectedBase = await guardian.baseHead();
	const built = await guardian.buildCandidate({commit, onto: expectedBase, task: 't-1', title: 'Say hello', author: 'agent:dev:001'});
	if (built.kind !== 'candidate') throw new Error(`no candidate but ${built.kind}`);
	return {
		repository,
		candidate: built.commit,
		expectedBase,
		clone,
		run: room =>
			startRoomProgram('merge', {
				AGENT_ROOM_CLONE: clone,
				AGENT_ROOM_REPOSITORY: repository.root,
				AGENT_ROOM_BASE: 'main',
				AGENT_ROOM_CANDIDATE: built.commit,
				AGENT_ROOM_CANDIDATE_BASE: expectedBase,
				AGENT_ROOM_TASK: 't-1',
				AGENT_ROOM_AGENT: 'agent:merge:001',
				AGENT_ROOM_TOKEN: '9:n',
				AGENT_ROOM_SOCKET: room.path,
			}).ended,
	};
};

/** A room that lets every candidate land, alone or with what it names besides. */
const agreeing = (
	{candidate, expectedBase}: TerminalTools,
	more: readonly {readonly task: string; readonly candidate: string; readonly testedCommit: string}[] = [],
): Promise<RoomSocket> =>
	listenAsRoom(({kind}) =>
		kind === 'start-merge'
			? {
					ok: true,
					code: 'ok',
					data: {from: expectedBase, entries: [{task: 't-1', candidate, testedCommit: candidate}, ...more]},
				}
			: {ok: true, code: 'ok'},
	);
const refusing = (reply: Omit<Reply, 'ok'>): Promise<RoomSocket> =>
	listenAsRoom(request => (request.kind === 'start-merge' ? {ok: false, ...reply} : {ok: true, code: 'ok'}));

describe('the merge program', () => {
	test('asks, moves the base to the candidate and reports it', async () => {
		const terminalTools = await createCandidate();
		const room = await agreeing(terminalTools);
		const ended = await terminalTools.run(room);
		expect(ended.code).toBe(0);
		expect(terminalTools.repository.head('main')).toBe(terminalTools.candidate);
		expect(room.requests).toMatchObject([
			{kind: 'start-merge', commit: terminalTools.candidate, agent: 'agent:merge:001', task: 't-1', token: '9:n'},
			{kind: 'result', outcome: 'done'},
		]);
		expect(ended.stdout).toMatch(/Merging t-1 .*\nAsking the room.*\nYes\. Moving main from \w{9} to \w{9}\.\n✓ on main: t-1\n$/);
	});

	test('run again after a landing that was cut short it only reports: nothing lands twice', async () => {
		const terminalTools = await createCandidate();
		await terminalTools.run(await agreeing(terminalTools));
		const again = await agreeing(terminalTools);
		const ended = await terminalTools.run(again);
		expect(ended).toMatchObject({code: 0, stdout: expect.stringContaining('✓ on main: t-1')});
		expect(again.requests).toMatchObject([{kind: 'start-merge'}, {kind: 'result', outcome: 'done'}]);
		expect(terminalTools.repository.git(['log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly)', 'main']).trim()).toBe(
			't-1',
		);
	});

	test('lands what the room gives along with it in the same step', async () => {
		const terminalTools = await createCandidate();
		const guardian = await openGuardian({
			repository: await openRepository(terminalTools.repository.root),
			folder: terminalTools.clone,
			base: 'main',
		});
		const commit = terminalTools.repository.branch('agent/t-2-a1', {'second.txt': 'two\n'}, terminalTools.expectedBase);
		const built = await guardian.buildCandidate({
			commit,
			onto: terminalTools.candidate,
			task: 't-2',
			title: 'Second',
			author: 'agent:dev:002',
		});
		if (built.kind !== 'candidate') throw new Error(`no candidate but ${built.kind}`);
		const room = await agreeing(terminalTools, [{task: 't-2', candidate: built.commit, testedCommit: built.commit}]);
		const ended = await terminalTools.run(room);
		expect(ended.stdout).toContain('2 tasks in one step');
		expect(room.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'done', text: 'on main: t-1, t-2'});
		expect(terminalTools.repository.head('main')).toBe(built.commit);
		expect(terminalTools.repository.git(['reflog', '--format=%H', 'main']).split('\n')).not.toContain(terminalTools.candidate);
	});

	test('a base that moved makes the candidate stale', async () => {
		const terminalTools = await createCandidate();
		const person = terminalTools.repository.commit('by the person');
		const room = await agreeing(terminalTools);
		expect((await terminalTools.run(room)).code).toBe(0);
		expect(room.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'moved'});
		expect(terminalTools.repository.head('main')).toBe(person);
	});

	test('a person’s uncommitted work holds the landing, in git’s own words', async () => {
		const terminalTools = await createCandidate();
		terminalTools.repository.write('hello.txt', 'mine\n');
		const room = await agreeing(terminalTools);
		expect((await terminalTools.run(room)).code).toBe(0);
		expect(room.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held', text: expect.stringContaining('`hello.txt`')});
		expect(terminalTools.repository.head('main')).toBe(terminalTools.expectedBase);
		expect(terminalTools.repository.read('hello.txt')).toBe('mine\n');
	});

	test('without the room’s word nothing moves', async () => {
		const terminalTools = await createCandidate();
		const held = await refusing({code: 'held', message: 'everything is frozen'});
		await terminalTools.run(held);
		expect(held.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held', text: 'everything is frozen'});
		const refused = await refusing({code: 'refused', message: 'not the tested merge candidate'});
		await terminalTools.run(refused);
		expect(refused.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'failed'});
		expect(terminalTools.repository.head('main')).toBe(terminalTools.expectedBase);
	});

	test('a room that cannot answer, since Redis is away, is no fault of the task: it waits', async () => {
		const terminalTools = await createCandidate();
		const broken = await refusing({code: 'failed', message: 'Redis is away'});
		await terminalTools.run(broken);
		expect(broken.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held', text: 'Redis is away'});
		const silent = await listenAsRoom(({kind}, reply) => {
			if (kind !== 'start-merge') return {ok: true, code: 'ok'};
			// A reply that is none: the room ended before it had answered.
			reply(undefined as unknown as Reply);
			return undefined;
		});
		await terminalTools.run(silent);
		expect(silent.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held'});
		expect(terminalTools.repository.head('main')).toBe(terminalTools.expectedBase);
	});

	test('a superseded token moves nothing and reports nothing', async () => {
		const terminalTools = await createCandidate();
		const room = await refusing({code: 'stale'});
		const ended = await terminalTools.run(room);
		expect(ended).toMatchObject({code: 0, stdout: expect.stringContaining('reassigned')});
		expect(room.requests.map(request => request.kind)).toEqual(['start-merge']);
		expect(terminalTools.repository.head('main')).toBe(terminalTools.expectedBase);
	});

	test('a room that is gone leaves the base alone and is the room’s fault', async () => {
		const terminalTools = await createCandidate();
		const ended = await terminalTools.run({path: '/nowhere/s', requests: [], hungUp: () => 0});
		expect(ended.code).toBe(75);
		expect(terminalTools.repository.head('main')).toBe(terminalTools.expectedBase);
	});
});
