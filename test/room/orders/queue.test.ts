import {describe, expect, test} from 'vitest';
import {isRunning} from '../../helpers/cleanup.ts';
import {APPROVES, DEV_1, DEV_2, openEngine, WAITS, WRITES} from '../../helpers/engine.ts';

const COMMITS = [WRITES, 'git add --all', 'git -c user.name=a -c user.email=a@b commit --quiet -m half'].join('\n');

describe('a task that a person begins again', () => {
	test('goes on from the base in a clean worktree; what was made stays on its branch, and its old agent is fenced out', async () => {
		const developer = `[ ! -e half.txt ] || touch "$D/not-clean"\n${COMMITS}\necho half >half.txt\n${WAITS}`;
		const room = await openEngine({agents: {developer, 'code-sentinel': APPROVES}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		const first = await room.atWork('one', 1);
		const {pid} = room.agent(DEV_1);
		const base = room.repository.head('refs/heads/main');
		expect(await room.must({type: 'restart-task', task: 'one'})).toMatchObject({text: `one restarts from main; ${first.branch} stays`});
		expect(isRunning(pid)).toBe(false);
		const second = await room.atWork('one', 2);
		expect(second).toMatchObject({attempt: 2, failures: 0, base});
		expect(second.branch).not.toBe(first.branch);
		expect(room.read('not-clean')).toBe('');
		expect(room.kept('show', 'refs/agent-room/attempts/one-a1:half.txt')).toBe('half');
		expect(await room.report({agent: DEV_1, task: 'one', token: first.token}, {kind: 'done'}, second)).toMatchObject({code: 'stale'});
		room.touch('go-one');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(await room.ask({type: 'restart-task', task: 'one'})).toMatchObject({ok: false, message: 'Task one is merged.'});
	});

	test('is refused where there is nothing to begin again', async () => {
		const review = `${WAITS.replaceAll('$AGENT_ROOM_TASK', 'review')}\n${APPROVES}`;
		const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': review}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is reviewed', () => room.read('at-review-1') && room.task('one').owner === 'agent:rev:001');
		expect(await room.ask({type: 'restart-task', task: 'one'})).toMatchObject({
			ok: false,
			message: expect.stringContaining('is in review'),
		});
		expect(await room.ask({type: 'restart-task', task: 'nowhere'})).toMatchObject({ok: false, code: 'gone'});
		await room.must({type: 'drain', on: true});
		await room.must({type: 'add-task', title: 'two', id: 'two'});
		expect(await room.ask({type: 'restart-task', task: 'two'})).toMatchObject({ok: false, message: 'Task two is not started.'});
		room.touch('go-review');
	});
});

describe('the order of the queue', () => {
	test('is the one that people gave it, and what is worked on is not moved', async () => {
		const room = await openEngine({agents: {developer: `${WAITS}\n${WRITES}`, 'code-sentinel': APPROVES}});
		await room.must({type: 'add-task', title: 'first', id: 'first'});
		await room.atWork('first', 1);
		for (const id of ['a', 'b', 'c']) await room.must({type: 'add-task', title: id, id});
		expect(await room.must({type: 'move-task', task: 'c', before: 'a'})).toMatchObject({text: 'c is now before a'});
		expect(await room.must({type: 'set-priority', task: 'b', priority: 90})).toMatchObject({text: 'b has priority 90, P0'});
		expect(await room.ask({type: 'move-task', task: 'first', before: 'a'})).toMatchObject({ok: false, code: 'leased'});
		expect(await room.ask({type: 'set-priority', task: 'first', priority: 90})).toMatchObject({ok: false, code: 'leased'});
		for (const id of ['first', 'a', 'b', 'c']) room.touch(`go-${id}`);
		await room.when('all are merged', () => ['first', 'a', 'b', 'c'].every(id => room.task(id).state === 'merged'));
		const claimed = room.team().events.filter(({type, text}) => type === 'task_claimed' && text === 'develop');
		expect(claimed.map(({task}) => task)).toEqual(['first', 'b', 'c', 'a']);
		expect([DEV_1, DEV_2]).toContain(claimed[0]?.agent);
	});
});
