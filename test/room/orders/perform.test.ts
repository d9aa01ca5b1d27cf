import {describe, expect, test} from 'vitest';
import {isRunning} from '../../helpers/cleanup.ts';
import {APPROVES, DEV_1, DEV_2, openEngine, WAITS, WRITES} from '../../helpers/engine.ts';

const COMMITS = [WRITES, 'git add --all', 'git -c user.name=a -c user.email=a@b commit --quiet -m half'].join('\n');

describe('a task given to another agent', () => {
	test('the old one is fenced out for ever, its commits stay on its branch, the new attempt goes on from its saved work', async () => {
		// The first attempt commits, leaves something uncommitted, and does not want to go.
		const slow = `trap '' TERM\n${COMMITS}\necho more >more.txt\n${WAITS}`;
		const room = await openEngine({agents: {developer: [slow, slow], 'code-sentinel': APPROVES}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		const first = await room.atWork('one', 1);
		const {token} = first;
		const {pid} = room.agent(first.owner);
		const other = first.owner === DEV_1 ? DEV_2 : DEV_1;

		const result = await room.must({type: 'reassign-task', task: 'one', agent: other});
		expect(result).toMatchObject({text: `reassigned one to ${other === DEV_1 ? 'dev-1' : 'dev-2'}`});
		expect(isRunning(pid)).toBe(false);
		const second = await room.atWork('one', 2);
		expect(second).toMatchObject({owner: other, attempt: 2, failures: 0});
		expect(second.worktree).not.toBe(first.worktree);
		expect(second.branch).not.toBe(first.branch);
		expect(second.token).not.toBe(token);

		for (const report of [{kind: 'done'}, {kind: 'progress', text: 'x'}, {kind: 'lock', name: 'src/**'}] as const) {
			expect(await room.report({agent: first.owner, task: 'one', token}, report)).toMatchObject({code: 'no-socket'});
			expect(await room.report({agent: first.owner, task: 'one', token}, report, second)).toMatchObject({code: 'refused'});
			expect(await room.report({agent: other, task: 'one', token}, report, second)).toMatchObject({ok: false, code: 'stale'});
		}
		expect(room.task('one')).toMatchObject({state: 'leased', owner: other, progress: ''});

		const saved = room.kept('rev-parse', 'refs/agent-room/attempts/one-a1');
		expect(room.kept('show', `${saved}:more.txt`)).toBe('more');
		expect(room.kept('log', '--format=%s', `${room.repository.head('main')}..${saved}`)).toContain('half');
		expect(second.base).toBe(saved);
		room.touch('go-one');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.mergedCommit()).toEqual(['one']);
		expect(room.repository.git(['show', 'main:more.txt'])).toBe('more');
	});

	test('is refused where it cannot be: another role, its holder, an unknown agent, its author’s review, a finished task', async () => {
		const review = `${WAITS.replaceAll('$AGENT_ROOM_TASK', 'review')}\n${APPROVES}`;
		const room = await openEngine({agents: {developer: [WRITES, WRITES], 'code-sentinel': review}});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('it is reviewed', () => room.read('at-review-1') && room.task('one').owner === 'agent:rev:001');
		const {author, owner} = room.task('one');
		for (const [agent, code] of [
			[author, 'refused'],
			[owner, 'refused'],
			['dev-99', 'gone'],
		] as const)
			expect(await room.ask({type: 'reassign-task', task: 'one', agent})).toMatchObject({ok: false, code});
		expect(await room.ask({type: 'reassign-task', task: 'no-such'})).toMatchObject({ok: false, code: 'gone'});
		expect(room.task('one')).toMatchObject({state: 'leased', owner, assigned: ''});
		room.touch('go-review');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(await room.ask({type: 'reassign-task', task: 'one', agent: author})).toMatchObject({
			ok: false,
			code: 'gone',
			message: 'Task one is merged.',
			hint: expect.stringContaining('agent-room task one'),
		});
	});

	test('waits for a paused or busy one, for it alone, and the room says for whom', async () => {
		const room = await openEngine({agents: {developer: [`${WAITS}\n${WRITES}`, `${WAITS}\n${WRITES}`], 'code-sentinel': APPROVES}});
		await room.must({type: 'pause-agent', agent: DEV_2});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.atWork('one', 1);
		await room.must({type: 'reassign-task', task: 'one', agent: DEV_2});
		await room.when('dev-1 is idle', () => room.agent(DEV_1).status === 'idle');
		expect(room.task('one')).toMatchObject({state: 'ready', assigned: DEV_2, owner: ''});
		expect(await room.call({op: 'explain', id: 'one'})).toMatchObject({data: {why: 'assigned to dev-2, which is paused'}});
		expect(await room.ask({type: 'resume-all'})).toMatchObject({
			text: 'all agents resumed except dev-2, paused individually: `agent-room resume dev-2`',
		});
		room.touch('go-one');
		await room.must({type: 'resume-agent', agent: DEV_2});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.task('one')).toMatchObject({author: DEV_2});
	});

	test('while its result is being written: the result stands, and a developer is never given the review', async () => {
		const room = await openEngine({
			agents: {developer: [WRITES, WRITES], 'code-sentinel': `${WAITS.replaceAll('$AGENT_ROOM_TASK', 'review')}\n${APPROVES}`},
		});
		await room.must({type: 'add-task', title: 'one', id: 'one'});
		await room.when('somebody develops it', () => room.team().tasks.get('one')?.state === 'leased');
		const {owner} = room.task('one');
		const answers = await Promise.all(
			[DEV_1, DEV_2].filter(id => id !== owner).map(agent => room.ask({type: 'reassign-task', task: 'one', agent})),
		);
		expect(answers.length).toBe(1);
		room.touch('go-review');
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(room.mergedCommit()).toEqual(['one']);
	});
});
