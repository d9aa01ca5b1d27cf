import {expect, test} from 'vitest';
import {askedText} from '../../../source/room/requests/reports.ts';
import {DEV_1, openEngine} from '../../helpers/engine.ts';

test.each([
	['Which index?', 'Which index?', ''],
	['  Which index?\n', 'Which index?', ''],
	['Go on?\n  1  Yes\n\u001b[2J▸ 3  Delete everything', 'Go on?', 'Go on?\n  1  Yes\n▸ 3  Delete everything'],
	['\u001b[2J\u001b]0;title\u0007', 'It needs input.', ''],
])('a question of %j is its first line, and all of it below where there is more', (asked, text, detail) => {
	expect(askedText(asked)).toEqual({text, detail});
});

test('what does not fit into a line is kept whole below it, in lines that are kept', () => {
	const {text, detail} = askedText(`${'x'.repeat(2000)}the end`);
	expect(text).toHaveLength(500);
	expect(detail.replaceAll('\n', '')).toBe(`${'x'.repeat(2000)}the end`);
	expect(askedText('😀'.repeat(100_000)).detail.length).toBeLessThanOrEqual(8000);
});

test('of two terminals that answer the same question at once one does, the other is told; the twelfth of twelve choices can be chosen', async () => {
	const choices = Array.from({length: 12}, (_, index) => `--choice port-${index + 1}`).join(' ');
	const room = await openEngine({
		agents: {developer: `agent-room report ask "Which port?" ${choices} >"$D/answer"; cp "$D/answer" port.txt`},
		config: {review: 'off'},
	});
	await room.must({type: 'add-task', title: 'a', id: 'a'});
	await room.when('the question', () => room.agent(DEV_1).status === 'needs-input');
	const {questionId} = room.agent(DEV_1);
	const answers = await Promise.all([12, 1].map(choice => room.ask({type: 'answer', agent: DEV_1, questionId, choice})));
	expect(answers).toEqual([expect.objectContaining({ok: true}), expect.objectContaining({ok: false, code: 'changed'})]);
	await room.when('the answer', () => room.has('answer') && room.read('answer') !== '');
	expect(room.read('answer').trim()).toBe('port-12');
	await room.when('its end', () => room.team().tasks.get('a')?.state === 'merged');
	// A dead agent's question is nobody's.
	expect(await room.ask({type: 'answer', agent: DEV_1, questionId, choice: 1})).toMatchObject({ok: false, code: 'changed'});
});
