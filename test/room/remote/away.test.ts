import {expect, test} from 'vitest';
import {whyNotRunning} from '../../../source/core/queue/why.ts';
import type {RoomState} from '../../../source/room/parts/state.ts';
import {standstill} from '../../../source/ui/model/standstill.ts';
import {APPROVES, WRITES} from '../../helpers/engine.ts';
import {createHub} from '../../helpers/hosts.ts';

test('a room whose remote is away claims a review once, starts and pays nobody, says why, and goes on by itself', async () => {
	const hub = await createHub();
	const writer = await hub.open({
		agents: {developer: `while [ ! -e "$D/go" ]; do sleep 0.05; done; ${WRITES}`},
		options: {isForeground: false},
	});
	const reviewer = await hub.open({
		agents: {'code-sentinel': [`touch "$D/paid"; ${APPROVES}`, `touch "$D/paid"; ${APPROVES}`]},
		options: {isForeground: false},
	});
	const {git} = reviewer.repository;
	const ids = ['one', 'two'];
	for (const id of ids) await writer.must({type: 'add-task', title: id, id});
	await reviewer.when(
		'all wait for work',
		() => [...reviewer.team().agents.values()].filter(({role, status}) => role === 'code-sentinel' && status === 'idle').length === 2,
	);
	git(['remote', 'set-url', 'origin', `${hub.remote}.away`]);
	writer.touch('go');
	const claims = () => reviewer.events.filter(({type, agent}) => type === 'task_claimed' && agent.startsWith('agent:rev:')).length;
	await reviewer.when('both are submitted', () => ids.every(id => reviewer.team().tasks.get(id)?.commit));
	const fresh = () => (reviewer.store as RoomState).getFresh();
	await reviewer.when('the stage waits', () => fresh().remoteAway?.stages.includes('review'));
	await reviewer.when('it is back in the queue', () => reviewer.task('one').state === 'ready' && reviewer.task('two').state === 'ready');
	const {remoteAway, banners} = fresh();
	expect(remoteAway).toMatchObject({why: expect.stringMatching(/^`origin` cannot be reached: /), stages: ['merge', 'test', 'review']});
	expect(banners[0]?.text).toBe(`${remoteAway?.why}. Agents keep running; merges, tests and reviews wait.`);
	expect(standstill(fresh(), 0)).toMatchObject({word: 'REMOTE AWAY'});
	expect(whyNotRunning(reviewer.task('one'), reviewer.team(), 0, fresh())).toBe(`waits for the remote: ${remoteAway?.why}`);
	expect(claims()).toBe(1);
	expect(reviewer.events.filter(({text}) => /crashed/.test(text))).toEqual([]);
	expect(reviewer.has('paid')).toBe(false);

	git(['remote', 'set-url', 'origin', hub.remote]);
	await reviewer.when('all are merged', () => ids.every(id => reviewer.task(id).state === 'merged'));
	expect(ids.map(id => reviewer.task(id)).map(({failures, attempt}) => [failures, attempt])).toEqual([
		[0, 1],
		[0, 1],
	]);
	expect(claims()).toBe(3);
	await reviewer.when(
		'nothing is said any more',
		() => !fresh().banners.some(({text}) => text.includes('cannot be reached')) && !fresh().remoteAway,
	);
});
