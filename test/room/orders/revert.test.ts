import {describe, expect, test} from 'vitest';
import {openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';

/** Writes one file of its own, and its id into a file of all. */
const WRITER = `${WRITES}\ncase "$AGENT_ROOM_TITLE" in Revert*) echo fine >shared.txt ;; *) echo "$AGENT_ROOM_TASK" >shared.txt ;; esac`;
const isMerged = (room: TestRoom, id: string): boolean => room.team().tasks.get(id)?.state === 'merged';
const files = (room: TestRoom): readonly string[] => room.repository.git(['ls-tree', '--name-only', 'main']).split('\n');

describe('what has landed is taken back', () => {
	test('by a commit of the room’s own that is tested and lands as any other, once', async () => {
		const room = await openEngine({agents: {developer: WRITES}, config: {review: 'off', test: 'ls >>"$D/tests"; echo -- >>"$D/tests"'}});
		await room.must({type: 'add-task', title: 'One', id: 'one'});
		await room.when('it is merged', () => isMerged(room, 'one'));
		expect(await room.ask({type: 'revert-task', task: 'nowhere'})).toMatchObject({ok: false, code: 'gone'});
		await room.must({type: 'pause-agent', agent: 'agent:test:001'});
		expect(await room.must({type: 'revert-task', task: 'one'})).toMatchObject({ids: ['revert-one']});
		expect(await room.ask({type: 'revert-task', task: 'one'})).toMatchObject({ok: false, code: 'exists'});
		expect(await room.ask({type: 'revert-task', task: 'revert-one'})).toMatchObject({ok: false, code: 'early'});
		await room.must({type: 'resume-agent', agent: 'agent:test:001'});
		await room.when('the revert is merged', () => isMerged(room, 'revert-one'));
		expect(files(room)).toEqual(['README.md']);
		expect(room.mergedCommit()).toEqual(['revert-one', 'one']);
		expect(room.task('revert-one')).toMatchObject({title: 'Revert one: One', author: 'person', testExit: 0, failures: 0});
		expect(room.read('tests').split('--').at(-2)).not.toContain('one.txt');
		// No agent has begun anything for it.
		expect(room.events.filter(({type, text}) => type === 'task_claimed' && text === 'develop')).toHaveLength(1);
		expect(room.repository.git(['log', '-1', '--format=%s%n%b', room.task('revert-one').commit])).toContain('This reverts commit');
		expect(await room.ask({type: 'revert-task', task: 'one'})).toMatchObject({ok: false});
	});

	test('by an agent where what came since stands on it, and nothing is left of the try', async () => {
		const room = await openEngine({agents: {developer: WRITER}, config: {review: 'off'}});
		for (const id of ['one', 'two']) {
			await room.must({type: 'add-task', title: id, id});
			await room.when(`${id} is merged`, () => isMerged(room, id));
		}
		const reply = await room.must({type: 'revert-task', task: 'one'});
		expect(reply).toMatchObject({text: expect.stringContaining('one conflicts with later work in shared.txt')});
		const [id = ''] = (reply.ok && reply.ids) || [];
		expect(room.kept('for-each-ref', 'refs/agent-room/attempts/revert-one-a1')).toBe('');
		await room.when('an agent has done it', () => isMerged(room, id));
		expect(room.repository.git(['show', 'main:shared.txt'])).toBe('fine');
		expect((await room.store.whole(id))?.description).toContain('git revert --no-edit -m 1');
	});
});

test('an accepted merge that waits is first in the queue for the train; what is not handed in cannot be merged', async () => {
	const room = await openEngine({agents: {developer: [WRITES, WRITES]}, config: {review: 'off'}});
	await room.when('the team is there', () => room.team().agents.has('agent:test:001'));
	await room.must({type: 'pause-agent', agent: 'agent:test:001'});
	for (const id of ['one', 'two']) await room.must({type: 'add-task', title: id, id});
	await room.when('both wait for their test', () =>
		['one', 'two'].every(id => room.task(id).stage === 'test' && room.task(id).state === 'ready'),
	);
	expect(await room.must({type: 'merge-task', task: 'TWO'})).toMatchObject({text: 'two is tested next, and merges when its tests pass'});
	await room.must({type: 'drain', on: true});
	await room.must({type: 'add-task', title: 'three', id: 'three'});
	expect(await room.ask({type: 'merge-task', task: 'three'})).toMatchObject({ok: false, code: 'early'});
	expect(await room.ask({type: 'merge-task', task: 'nowhere'})).toMatchObject({ok: false, code: 'gone'});
	await room.must({type: 'resume-agent', agent: 'agent:test:001'});
	await room.when('both are merged', () => isMerged(room, 'one') && isMerged(room, 'two'));
	expect(room.mergedCommit()).toEqual(['one', 'two']);
	expect(await room.ask({type: 'merge-task', task: 'two'})).toMatchObject({ok: false, message: 'Task two is already merged.'});
});
