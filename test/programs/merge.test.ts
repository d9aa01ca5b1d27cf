import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Reply} from '../../source/core/protocol/request.ts';
import {openGuardian} from '../../source/git/landing/guardian.ts';
import {openRepository} from '../../source/git/repository/repository.ts';
import {type Ended, startRoomProgram} from '../helpers/program.ts';
import {createTestRepository, type TestRepository} from '../helpers/repository.ts';
import {listenAsRoom, type RoomSocket} from '../helpers/room-socket.ts';

type Desk = {
	readonly repository: TestRepository;
	readonly candidate: string;
	readonly expectedBase: string;
	readonly clone: string;
	run(room: RoomSocket): Promise<Ended>;
};

/** A repository with a tested candidate of task `t-1` in the guardian's clone. */
const createCandidate = async (): Promise<Desk> => {
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
const agreeing = (desk: Desk, more: readonly {readonly task: string; readonly candidate: string}[] = []): Promise<RoomSocket> =>
	listenAsRoom(({kind}) =>
		kind === 'may-land'
			? {ok: true, code: 'ok', data: {from: desk.expectedBase, cars: [{task: 't-1', candidate: desk.candidate}, ...more]}}
			: {ok: true, code: 'ok'},
	);
const refusing = (reply: Omit<Reply, 'ok'>): Promise<RoomSocket> =>
	listenAsRoom(request => (request.kind === 'may-land' ? {ok: false, ...reply} : {ok: true, code: 'ok'}));

describe('the merge program', () => {
	test('asks, moves the base to the candidate and reports it', async () => {
		const desk = await createCandidate();
		const room = await agreeing(desk);
		const ended = await desk.run(room);
		expect(ended.code).toBe(0);
		expect(desk.repository.head('main')).toBe(desk.candidate);
		expect(room.requests).toMatchObject([
			{kind: 'may-land', commit: desk.candidate, agent: 'agent:merge:001', task: 't-1', token: '9:n'},
			{kind: 'result', outcome: 'done'},
		]);
		expect(ended.stdout).toMatch(/Landing t-1 .*\nAsking the room.*\nYes\. Moving main from \w{9} to \w{9}\.\n✓ on main: t-1\n$/);
	});

	test('run again after a landing that was cut short it only reports: nothing lands twice', async () => {
		const desk = await createCandidate();
		await desk.run(await agreeing(desk));
		const again = await agreeing(desk);
		const ended = await desk.run(again);
		expect(ended).toMatchObject({code: 0, stdout: expect.stringContaining('✓ on main: t-1')});
		expect(again.requests).toMatchObject([{kind: 'may-land'}, {kind: 'result', outcome: 'done'}]);
		expect(desk.repository.git(['log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly)', 'main']).trim()).toBe('t-1');
	});

	test('lands what the room gives along with it in the same step', async () => {
		const desk = await createCandidate();
		const guardian = await openGuardian({repository: await openRepository(desk.repository.root), folder: desk.clone, base: 'main'});
		const commit = desk.repository.branch('agent/t-2-a1', {'second.txt': 'two\n'}, desk.expectedBase);
		const built = await guardian.buildCandidate({commit, onto: desk.candidate, task: 't-2', title: 'Second', author: 'agent:dev:002'});
		if (built.kind !== 'candidate') throw new Error(`no candidate but ${built.kind}`);
		const room = await agreeing(desk, [{task: 't-2', candidate: built.commit}]);
		const ended = await desk.run(room);
		expect(ended.stdout).toContain('2 tasks in one step');
		expect(room.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'done', text: 'on main: t-1, t-2'});
		expect(desk.repository.head('main')).toBe(built.commit);
		expect(desk.repository.git(['reflog', '--format=%H', 'main']).split('\n')).not.toContain(desk.candidate);
	});

	test('a base that moved makes the candidate stale', async () => {
		const desk = await createCandidate();
		const person = desk.repository.commit('by the person');
		const room = await agreeing(desk);
		expect((await desk.run(room)).code).toBe(0);
		expect(room.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'moved'});
		expect(desk.repository.head('main')).toBe(person);
	});

	test('a person’s uncommitted work holds the landing, in git’s own words', async () => {
		const desk = await createCandidate();
		desk.repository.write('hello.txt', 'mine\n');
		const room = await agreeing(desk);
		expect((await desk.run(room)).code).toBe(0);
		expect(room.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held', text: expect.stringContaining('`hello.txt`')});
		expect(desk.repository.head('main')).toBe(desk.expectedBase);
		expect(desk.repository.read('hello.txt')).toBe('mine\n');
	});

	test('without the room’s word nothing moves', async () => {
		const desk = await createCandidate();
		const held = await refusing({code: 'held', message: 'everything is frozen'});
		await desk.run(held);
		expect(held.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held', text: 'everything is frozen'});
		const refused = await refusing({code: 'refused', message: 'not the tested candidate'});
		await desk.run(refused);
		expect(refused.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'failed'});
		expect(desk.repository.head('main')).toBe(desk.expectedBase);
	});

	test('a room that cannot answer, since Redis is away, is no fault of the task: it waits', async () => {
		const desk = await createCandidate();
		const broken = await refusing({code: 'failed', message: 'Redis is away'});
		await desk.run(broken);
		expect(broken.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held', text: 'Redis is away'});
		const silent = await listenAsRoom(({kind}, reply) => {
			if (kind !== 'may-land') return {ok: true, code: 'ok'};
			// A reply that is none: the room ended before it had answered.
			reply(undefined as unknown as Reply);
			return undefined;
		});
		await desk.run(silent);
		expect(silent.requests.at(-1)).toMatchObject({kind: 'result', outcome: 'held'});
		expect(desk.repository.head('main')).toBe(desk.expectedBase);
	});

	test('a superseded token moves nothing and reports nothing', async () => {
		const desk = await createCandidate();
		const room = await refusing({code: 'stale'});
		const ended = await desk.run(room);
		expect(ended).toMatchObject({code: 0, stdout: expect.stringContaining('taken over')});
		expect(room.requests.map(request => request.kind)).toEqual(['may-land']);
		expect(desk.repository.head('main')).toBe(desk.expectedBase);
	});

	test('a room that is gone leaves the base alone and is the room’s fault', async () => {
		const desk = await createCandidate();
		const ended = await desk.run({path: '/nowhere/s', requests: [], hungUp: () => 0});
		expect(ended.code).toBe(75);
		expect(desk.repository.head('main')).toBe(desk.expectedBase);
	});
});
