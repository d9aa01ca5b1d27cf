import {expect} from 'vitest';
import {testOn} from '../../helpers/cli.ts';
import {DEV_1} from '../../helpers/engine.ts';
import {openReal, SCREENED} from '../../helpers/real-room.ts';
import {slackMs, until} from '../../helpers/wait.ts';

const HALF = {run: 'echo half >half.txt'};

for (const cli of SCREENED)
	testOn(
		[cli],
		`a real ${cli} whose turn a person interrupts in its pane waits for them: it is told nothing, nothing of it is merged, and it goes on with their words`,
		async () => {
			const room = await openReal(cli, [
				{when: 'Now do the rest', turns: [{run: 'echo all >all.txt'}, {run: 'agent-room report done'}, {say: 'It is done.'}]},
				{when: 'without reporting', turns: [{run: 'agent-room report done'}]},
				{when: 'do all that it says now', turns: [HALF, {hang: true}]},
			]);
			await room.must({type: 'add-task', title: 'One', id: 't-1'});
			await room.when('it hangs', () => room.isAsked(step => 'hang' in step), 90_000);
			await until(async () => (await room.session())?.state === 'working', {what: 'it to work'});
			room.type('\u001b');
			// opencode asks for it once more.
			if (cli === 'opencode') {
				await until(() => room.screen().includes('again to interrupt'), {what: room.screen});
				room.type('\u001b');
			}
			const pressedAt = performance.now();
			await room.when('it waits', () => room.agent(DEV_1).status === 'waiting');
			expect(performance.now() - pressedAt).toBeLessThan(2000 + slackMs());
			expect(room.agent(DEV_1).reason).toBe('you interrupted its turn');
			await room.when('a person is asked', () => room.agent(DEV_1).questionId !== '');
			expect(room.agent(DEV_1).question).toBe('You interrupted its turn.');
			// Whatever the program begins by itself after its interrupt is ended as well.
			await room.when('it rests', () => room.screen().length > 0 && room.agent(DEV_1).status === 'waiting');
			expect(room.isAsked(step => 'run' in step && String(step.run).includes('report done'))).toBe(false);
			const {questionId} = room.agent(DEV_1);
			await room.must({type: 'answer', agent: DEV_1, questionId, text: 'Now do the rest'});
			await room.when('it is merged', () => room.task('t-1').state === 'merged', 90_000);
			expect(room.repository.git(['show', 'main:all.txt'])).toBe('all');
			expect(room.task('t-1').failures).toBe(0);
		},
	);
