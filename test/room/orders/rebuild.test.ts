import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';

const isMerged = (room: TestRoom, id: string): boolean => room.team().tasks.get(id)?.state === 'merged';
const isTested = (room: TestRoom, id: string): boolean => {
	const task = room.team().tasks.get(id);
	return task?.stage === 'test' && task.state === 'leased' && task.candidate !== '';
};

test('a merge is built and tested anew at no cost, whatever it stood at; a tree to try it in is a copy of its own', async () => {
	const room = await openEngine({
		agents: {developer: WRITES},
		config: {review: 'off', test: 'echo run >>"$D/runs"; while [ ! -e "$D/go" ]; do sleep 0.02; done'},
	});
	await room.must({type: 'add-task', title: 'one', id: 'one'});
	await room.when('it is tested', () => isTested(room, 'one') && room.has('runs'));
	const first = room.task('one');
	const tree = await room.store.look('trial', 'one');
	if (!tree?.folder) throw new Error(tree?.why);
	expect(readFileSync(join(tree.folder, 'one.txt'), 'utf8')).toContain('attempt 1');
	writeFileSync(join(tree.folder, 'one.txt'), 'tried\n');
	expect((await room.store.look('trial', 'one'))?.folder).toBe(tree.folder);
	expect(readFileSync(join(tree.folder, 'one.txt'), 'utf8')).toBe('tried\n');

	expect(await room.must({type: 'rebuild-task', task: 'ONE'})).toMatchObject({text: expect.stringContaining('its tests run again')});
	await room.when('it is tested anew', () => isTested(room, 'one') && room.task('one').token !== first.token);
	await room.must({type: 'pause-agent', agent: 'agent:merge:001'});
	room.touch('go');
	await room.when('it waits to land', () => room.task('one').stage === 'merge' && room.task('one').state === 'ready');
	await room.must({type: 'rebuild-task', task: 'one'});
	await room.when('it has passed again', () => room.read('runs').split('\n').length === 3 && room.task('one').stage === 'merge');
	await room.must({type: 'resume-agent', agent: 'agent:merge:001'});
	await room.when('it is merged', () => isMerged(room, 'one'));
	expect(room.task('one')).toMatchObject({failures: 0, removals: 0});
	expect(room.repository.git(['show', 'main:one.txt'])).not.toContain('tried');
	expect(await room.ask({type: 'rebuild-task', task: 'one'})).toMatchObject({ok: false, message: 'Task one is merged.'});
	await room.must({type: 'drain', on: true});
	await room.must({type: 'add-task', title: 'two', id: 'two'});
	expect(await room.ask({type: 'rebuild-task', task: 'two'})).toMatchObject({ok: false, code: 'early'});
	expect(await room.store.look('trial', 'two')).toEqual({folder: '', why: expect.stringContaining('no merge candidate yet')});
	await room.room.stop('its next life begins');
	const next = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}, again: room});
	await next.when('the team is there', () => next.team().agents.has('agent:test:001'));
	expect(existsSync(tree.folder)).toBe(false);
});

test('what is ahead in the train is built again behind what a person puts before it, and merges that are held say so', async () => {
	const room = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
	await room.when('the team is there', () => room.team().agents.has('agent:merge:001'));
	expect(await room.must({type: 'pause-agent', agent: 'agent:merge:001'})).toMatchObject({text: 'merge-1 is paused: merging is paused'});
	const waits = (id: string): boolean => room.task(id).stage === 'merge' && room.task(id).state === 'ready';
	for (const id of ['one', 'two']) {
		await room.must({type: 'add-task', title: id, id});
		await room.when(`${id} waits to land`, () => waits(id));
	}
	expect(await room.ask({type: 'merge-task', task: 'one'})).toMatchObject({ok: false, code: 'held'});
	const reply = await room.must({type: 'move-task', task: 'two', before: 'one'});
	expect(reply).toMatchObject({text: 'moved two before one, which is rebuilt and retested behind it'});
	await room.when(
		'one stands behind two',
		() => waits('one') && waits('two') && room.task('one').candidateBase === room.task('two').candidate,
	);
	expect(await room.must({type: 'resume-agent', agent: 'agent:merge:001'})).toMatchObject({text: 'merge-1 resumed: merging is resumed'});
	await room.when('both are merged', () => isMerged(room, 'one') && isMerged(room, 'two'));
	expect(room.mergedCommit()).toEqual(['one', 'two']);
});
