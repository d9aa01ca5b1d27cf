import {expect, test} from 'vitest';
import {WAITS, WRITES} from '../../helpers/engine.ts';
import {createHub} from '../../helpers/hosts.ts';

test('a room that drains takes nothing new, and what has not finished within the grace is saved and goes on elsewhere', async () => {
	const hub = await createHub();
	const config = {review: 'off'} as const;
	const slow = `echo half >half.txt; ${WAITS}`;
	const draining = await hub.open({agents: {developer: [slow, slow]}, config});
	await draining.must({type: 'add-task', title: 'one', id: 'one'});
	await draining.atWork('one', 1);
	const ended = draining.room.drain('its machine is shutting down', 1500);
	const other = await hub.open({agents: {developer: WRITES}, config});
	await other.must({type: 'add-task', title: 'two', id: 'two'});
	await other.when('the other task is merged', () => other.task('two').state === 'merged', 60_000);
	await ended;
	await other.when('what was saved is merged', () => other.task('one').state === 'merged', 60_000);
	const claims = other.events.filter(({type, text}) => type === 'task_claimed' && text === 'develop');
	expect(claims.map(({task, agent}) => `${task} ${agent}`).toSorted()).toEqual(['one agent:dev:003', 'two agent:dev:003']);
	expect(other.task('one')).toMatchObject({failures: 0});
	const files = other.repository.git(['--git-dir', hub.remote, 'ls-tree', '--name-only', 'main']);
	expect(files.split('\n')).toEqual(expect.arrayContaining(['half.txt', 'one.txt', 'two.txt']));
});
