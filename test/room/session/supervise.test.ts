import {describe, expect} from 'vitest';
import {openClaude, screenOf, sessionIn} from '../../helpers/claude-room.ts';
import {testOn} from '../../helpers/cli.ts';
import {DEV_1, type TestRoom} from '../../helpers/engine.ts';
import {slackMs} from '../../helpers/wait.ts';

const ADD = {type: 'add-task', title: 'One', id: 'one'} as const;

/** The moment at which the dialog for a command is on the screen. */
const drawn = async (room: TestRoom, command: string): Promise<number> => {
	const dialog = new RegExp(`${command}[^]*Do you want to proceed`);
	await room.when('the dialog is on the screen', () => dialog.test(screenOf(room)));
	return performance.now();
};

describe('a real claude', () => {
	testOn(['claude'], 'asks on the card within a second, is answered by the digit, in its pane, and with a no in words', async () => {
		const room = await openClaude(talk => {
			heard = talk.text;
			return [
				{run: 'curl --version && touch first'},
				{run: 'wget --version; touch second'},
				{run: 'perl -e 1; touch third'},
				{run: 'agent-room report commit "Say hello"'},
				{run: 'agent-room report done'},
				{say: 'Done.'},
			];
		});
		let heard = '';
		const decision = async (command: string): Promise<string> => {
			await room.when(
				`it asks for ${command}`,
				() => room.agent(DEV_1).status === 'needs-input' && room.agent(DEV_1).detail.includes(command),
			);
			return room.agent(DEV_1).questionId;
		};
		await room.must(ADD);
		const drawnAt = await drawn(room, 'curl');
		const first = await decision('curl');
		const shownAfter = performance.now() - drawnAt;
		expect(room.agent(DEV_1)).toMatchObject({
			question: expect.stringContaining('curl --version'),
			choices: ['Yes', expect.stringMatching(/^Yes, in this session also /), 'No'],
			evidence: 'hook PermissionRequest',
		});
		expect(shownAfter).toBeLessThan(1000 + slackMs());
		await room.must({type: 'answer', agent: 'dev-1', questionId: first, choice: 1});

		const second = await decision('wget');
		await drawn(room, 'wget');
		room.store.pane(DEV_1)?.write(Buffer.from('1'));
		await room.when('the question is gone', () => room.agent(DEV_1).questionId !== second);
		expect(await room.ask({type: 'answer', agent: 'dev-1', questionId: second, choice: 1})).toMatchObject({code: 'changed'});

		const third = await decision('perl');
		await room.must({type: 'answer', agent: 'dev-1', questionId: third, text: 'no perl in this house'});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(heard).toContain('no perl in this house');
		expect(room.repository.git(['ls-tree', '--name-only', 'main']).split('\n')).toEqual(['README.md', 'first', 'second']);
	});

	testOn(['claude'], 'that is killed while it asks asks nothing any more', async () => {
		const room = await openClaude(() => [{run: 'curl --version'}, {say: 'Done.'}]);
		await room.must(ADD);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		const {questionId} = room.agent(DEV_1);
		process.kill(room.agent(DEV_1).pid, 'SIGKILL');
		await room.when('it asks no more', () => room.agent(DEV_1).questionId !== questionId);
		expect(await room.ask({type: 'answer', agent: 'dev-1', questionId, choice: 1})).toMatchObject({code: 'changed'});
	});

	testOn(['claude'], 'that is interrupted in its pane waits: no hook tells that, its own file does', async () => {
		let asked = 0;
		const room = await openClaude(talk => {
			asked = Math.max(asked, talk.turn);
			return [{run: 'for i in 1 2 3 4 5 6 7 8 9; do echo $i; done'}, {hang: true}];
		});
		await room.must(ADD);
		await room.when(
			'it asks or works',
			() => ['needs-input', 'working'].includes(room.agent(DEV_1).status) && room.agent(DEV_1).doing !== '',
		);
		if (room.agent(DEV_1).status === 'needs-input')
			await room.must({type: 'answer', agent: 'dev-1', questionId: room.agent(DEV_1).questionId, choice: 1});
		// Now it waits for its model. Before that, esc could be the answer to a dialog that is still there, or come together with one.
		await room.when('its model is asked what to do with the result', () => asked === 1);
		await room.when('it works on', async () => (await sessionIn(room))?.signs.some(({source}) => source === 'screen'));
		room.store.pane(DEV_1)?.write(Buffer.from('\u001b'));
		await room.when('it waits', () => room.agent(DEV_1).status === 'waiting');
		expect((await sessionIn(room))?.signs[0]?.sign).toMatch(/^(transcript, interrupted|session file idle|screen |title )/);
	});
});
