import {expect} from 'vitest';
import {testOn} from '../../helpers/cli.ts';
import {DEV_1} from '../../helpers/engine.ts';
import {openReal} from '../../helpers/real-room.ts';

testOn(
	['codex'],
	'a real codex whose question is open in the room is answered in its pane: the hook gives way to the first key, and its dialog is drawn',
	async () => {
		const room = await openReal(
			'codex',
			[
				{
					when: 'do all that it says now',
					turns: [
						{run: 'sh generate.sh', decision: 'May the note be generated?'},
						{run: 'agent-room report commit "Write a note"'},
						{run: 'agent-room report done'},
						{say: 'It is done.'},
					],
				},
			],
			{config: {sandbox: 'off'}, files: {'generate.sh': 'echo greeted >note.txt\n'}},
		);
		await room.must({type: 'add-task', title: 'One', id: 't-1'});
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input', 60_000);
		const held = room.agent(DEV_1).questionId;
		expect(room.screen()).not.toContain('Yes, proceed');
		room.type('y');
		await room.when('its dialog is drawn', () => room.screen().includes('Yes, proceed'));
		await room.when('the room asks as its screen does', () => !['', held].includes(room.agent(DEV_1).questionId));
		room.type('y');
		await room.when('it is merged', () => room.task('t-1').state === 'merged', 60_000);
		expect(room.repository.git(['show', 'main:note.txt'])).toBe('greeted');
	},
);
