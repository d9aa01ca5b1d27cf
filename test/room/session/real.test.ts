import {expect} from 'vitest';
import {isWhole} from '../../helpers/cases.ts';
import {testOn} from '../../helpers/cli.ts';
import {DEV_1, type TestRoom} from '../../helpers/engine.ts';
import {openReal} from '../../helpers/real-room.ts';

const waits = (room: TestRoom, before = '') =>
	room.when('it waits', () => room.agent(DEV_1).status === 'waiting' && !['', before].includes(room.agent(DEV_1).questionId));
const receipts = (room: TestRoom): readonly string[] =>
	room.events.filter(({type}) => type.startsWith('prompt_')).map(({type, text}) => `${type} ${text.split(':')[0]}`);
const COMMIT = {run: 'git add --all && git commit -qm "Write it"'};

// Each of the two plays one of the stories; the whole run both.
const testFor = (usual: 'claude' | 'codex', ...[[cli], ...given]: Parameters<typeof testOn>): void => {
	if (isWhole || cli === usual) testOn([cli ?? usual], ...given);
};

for (const cli of ['claude', 'codex'] as const) {
	testFor(
		'claude',
		[cli],
		`a real ${cli} whose turn ends is reminded, waits with what it said, takes a reply, is interrupted, and takes the next one without what was left`,
		async () => {
			const room = await openReal(cli, [
				{when: 'make it blue', turns: [{write: {file: 'blue.txt', text: 'blue\n'}}, COMMIT, {hang: true}]},
				{when: 'submit it', turns: [{run: 'agent-room report done'}, {say: 'It is done.'}]},
				{when: 'without reporting whether the task is done', turns: [{say: 'Which colour?'}]},
				{when: 'do all that it says now', turns: [{say: 'I have read it.'}]},
			]);
			const {model} = room;
			await room.must({type: 'add-task', title: 'One', id: 't-1'});
			await waits(room);
			expect(room.agent(DEV_1).detail).toBe('Which colour?');
			const first = room.agent(DEV_1).questionId;
			await room.must({type: 'answer', agent: DEV_1, questionId: first, text: 'make it blue\nand nothing else'});
			const isHanging = (): boolean => model.requests.some(({steps}) => steps.some(step => 'hang' in step));
			await room.when('it works', isHanging);
			expect(await room.ask({type: 'stop-agent', agent: DEV_1, how: 'interrupt'})).toMatchObject({ok: true, text: 'dev-1 was interrupted'});
			await waits(room, first);
			const second = room.agent(DEV_1).questionId;
			await room.must({type: 'answer', agent: DEV_1, questionId: second, text: 'submit it'});
			await room.when('it is merged', () => room.task('t-1').state === 'merged', 30_000);
			const asked = model.requests.find(({steps}) => steps.some(step => 'run' in step && step.run.endsWith('report done')))?.asked;
			const prompt = asked?.entries.findLast(({kind}) => kind === 'prompt');
			expect(prompt?.text).not.toContain('make it blue');
			expect(receipts(room)).toEqual(['prompt_proved prompt', 'prompt_proved reply', 'prompt_proved reply']);
			expect(room.task('t-1').failures).toBe(0);
		},
	);

	testFor('codex', [cli], `a real ${cli} that is killed in the middle reopens its session in its worktree`, async () => {
		const room = await openReal(cli, [
			{when: 'You continue the same task', turns: [{run: 'cat one.txt'}, COMMIT, {run: 'agent-room report done'}, {say: 'Done.'}]},
			{when: 'do all that it says now', turns: [{write: {file: 'one.txt', text: 'one\n'}}, {hang: true}]},
		]);
		const {model} = room;
		await room.must({type: 'add-task', title: 'One', id: 't-1'});
		await room.when('it works', () => model.requests.some(({steps}) => steps.some(step => 'hang' in step)) && room.task('t-1').session);
		const {session, worktree} = room.task('t-1');
		process.kill(room.agent(DEV_1).pid, 'SIGKILL');
		await room.when(
			'it goes on',
			() =>
				room.task('t-1').state === 'leased' &&
				model.requests.some(({asked}) => JSON.stringify(asked.entries).includes('You continue the same task')),
		);
		expect(room.task('t-1')).toMatchObject({session, worktree});
		await room.when('it is merged', () => room.task('t-1').state === 'merged', 30_000);
		expect(model.requests.at(-1)?.asked.entries.length).toBeGreaterThan(5);
		expect(room.repository.git(['show', 'main:one.txt'])).toBe('one');
	});
}
