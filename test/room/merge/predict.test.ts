import {describe, expect, test} from 'vitest';
import {statusLine} from '../../../source/core/protocol/output.ts';
import {statusSchema} from '../../../source/core/protocol/output-schema.ts';
import type {RoomState} from '../../../source/room/parts/state.ts';
import {APPROVES, DEV_1, DEV_2, openEngine, type TestRoom, WAITS} from '../../helpers/engine.ts';

const programs = {'code-sentinel': APPROVES, 'test-orchestrator': '', 'repository-guardian': ''};
const GIT = 'git -c user.name=a -c user.email=a@b';
/** Waits to be let go, commits `$D/next-<task>` as the README, says so, and goes on until `$D/end-<task>`. */
const WORKS = [
	WAITS,
	'while [ ! -e "$D/end-$AGENT_ROOM_TASK" ]; do',
	'if [ -e "$D/next-$AGENT_ROOM_TASK" ]; then',
	`mv "$D/next-$AGENT_ROOM_TASK" README.md; git add --all; ${GIT} commit --quiet -m work; touch "$D/did-$AGENT_ROOM_TASK"`,
	'fi',
	'sleep 0.05',
	'done',
].join('\n');

const conflictsOf = (room: TestRoom) => (room.store as RoomState).getFresh().conflicts;
const told = (room: TestRoom, type: string): readonly string[] => room.events.filter(event => event.type === type).map(({text}) => text);

const start = async (options: Parameters<typeof openEngine>[0] | undefined = undefined): Promise<TestRoom> => {
	const room = await openEngine(options ?? {agents: {developer: [WORKS, WORKS], ...programs}});
	await room.must({type: 'add-task', title: 'The one', id: 'one'});
	await room.must({type: 'add-task', title: 'The two', id: 'two'});
	await room.when('both work', () => room.read('at-one-1') && room.read('at-two-1'));
	for (const id of ['one', 'two']) room.touch(`go-${id}`);
	return room;
};

describe('the radar', () => {
	test('says that two branches would conflict while both are worked on, tells both agents once, and says when it is over', async () => {
		const room = await start();
		room.write('next-one', 'by one\n');
		await room.when('one has committed', () => room.has('did-one'));
		expect(conflictsOf(room)).toEqual([]);
		room.write('next-two', 'by two\n');
		await room.when('the conflict is seen', () => conflictsOf(room).length === 1);
		expect(conflictsOf(room)[0]).toMatchObject({tasks: ['one', 'two'], files: ['README.md']});
		await room.when('it is recorded', () => told(room, 'conflict_predicted').length === 1);
		expect(told(room, 'conflict_predicted')).toEqual(['one and two would conflict in `README.md`']);
		await room.when('both have mail', () => told(room, 'mail_sent').length === 2);
		const mail = room.events.filter(({type}) => type === 'mail_sent');
		expect(mail.map(({agent}) => agent).toSorted()).toEqual([DEV_1, DEV_2]);
		expect(mail.map(({text}) => text).toSorted()[0]).toMatch(/^room: dev-[12] \(task (?:one|two)\) also changes `README\.md`/);

		const status = statusLine({...(room.store as RoomState).getFresh()}, Date.now());
		expect(statusSchema.parse(status).conflicts).toMatchObject([
			{tasks: ['one', 'two'], agents: [room.task('one').owner, room.task('two').owner]},
		]);

		// A further commit that conflicts as before is no news.
		const seen = conflictsOf(room);
		room.remove('did-two');
		room.write('next-two', 'by two, again\n');
		await room.when('two has committed again', () => room.has('did-two'));
		await room.when('that was looked at', () => conflictsOf(room) !== seen);
		expect(conflictsOf(room)).toEqual(seen);
		room.remove('did-two');
		room.write('next-two', 'by one\n');
		await room.when('it is over', () => conflictsOf(room).length === 0);
		await room.when('that is recorded', () => told(room, 'conflict_gone').length === 1);
		// What each changes against where it left the base is counted on the way, uncommitted work is not.
		const changes = () => Object.fromEntries((room.store as RoomState).getFresh().changes);
		await room.when('both are counted', () => changes().two?.added === 1);
		expect(changes()).toEqual({one: {files: 1, added: 1, removed: 1}, two: {files: 1, added: 1, removed: 1}});
		expect(told(room, 'conflict_predicted')).toHaveLength(1);
		expect(told(room, 'mail_sent')).toHaveLength(2);
		for (const id of ['one', 'two']) room.touch(`end-${id}`);
		await room.when('both are merged or told why not', () =>
			['one', 'two'].every(id => room.task(id).state !== 'leased' || room.task(id).stage !== 'develop'),
		);
	});

	test('the base counts too, whoever moves it', async () => {
		const room = await start();
		room.write('next-one', 'by one\n');
		await room.when('one has committed', () => room.has('did-one'));
		room.repository.write('README.md', 'by hand\n');
		room.repository.commit('by hand');
		await room.when('the conflict is seen', () => conflictsOf(room).length === 1);
		expect(conflictsOf(room)[0]).toMatchObject({tasks: ['one', ''], files: ['README.md']});
		await room.when('it is recorded', () => told(room, 'conflict_predicted').includes('one and main would conflict in `README.md`'));
		expect(told(room, 'mail_sent')).toEqual([]);
		await room.must({type: 'cancel-task', task: 'one'});
		await room.when('it is over', () => conflictsOf(room).length === 0);
	});

	test('a commit on a branch of the agent’s own choice is seen as well', async () => {
		const elsewhere = WORKS.replace(WAITS, `${WAITS}\ngit checkout --quiet -b "of-$AGENT_ROOM_TASK"`);
		const room = await start({agents: {developer: [elsewhere, elsewhere], ...programs}});
		for (const id of ['one', 'two']) room.write(`next-${id}`, `by ${id}\n`);
		await room.when('the conflict is seen', () => conflictsOf(room).length === 1);
	});
});
