import {describe, expect, test} from 'vitest';
import type {Question, Reading} from '../../../source/core/session/reading.ts';
import type {PendingPermission} from '../../../source/room/parts/attempt.ts';
import {endHeldByHook, endHeldBySigns, subjectOf} from '../../../source/room/session/dialog.ts';

const payload = (command: string) => ({tool_name: 'Bash', tool_input: {command}});
const question = (command: string): Question => ({kind: 'permission', text: `May it run ${command}?`, detail: command, choices: []});

const holding = (...commands: readonly string[]) => {
	const ended: string[] = [];
	const held = commands.map(
		(command): PendingPermission => ({
			id: command,
			subject: subjectOf(payload(command)),
			question: question(command),
			wasShown: false,
			wasWaiting: false,
			end: why => ended.push(`${command}: ${why}`),
		}),
	);
	return {held, ended};
};
const said = (source: Reading['source'], more: Partial<Reading>): Reading => ({source, sign: 'a sign', ...more});

describe('a hook that waits for a person is over', () => {
	test('with the end of the very tool that it asked for, not of another', () => {
		const {held, ended} = holding('one', 'two');
		endHeldByHook(held, payload('three'), [said('hook', {state: 'working'})], true);
		endHeldByHook(held, payload('two'), [said('hook', {state: 'working'})], false);
		endHeldByHook(held, {}, [said('hook', {state: 'working'})], true);
		expect(ended).toEqual([]);
		endHeldByHook(held, payload('two'), [said('hook', {state: 'working'})], true);
		expect(ended).toEqual(['two: answered in its pane']);
	});

	test('with the end of its turn, however it ends, and with the next prompt', () => {
		for (const reading of [{state: 'idle'}, {state: 'rate-limited'}, {state: 'working', isPromptTaken: true}] as const) {
			const {held, ended} = holding('one', 'two');
			endHeldByHook(held, {}, [said('hook', reading)], false);
			expect(ended).toHaveLength(2);
		}
	});

	test('when its dialog has left the screen, or another takes its place', () => {
		const {held, ended} = holding('one');
		endHeldBySigns(held, [
			said('screen', {state: 'working'}),
			said('screen', {}),
			said('screen', {state: 'needs-input', question: question('two')}),
		]);
		expect(ended).toEqual([]);
		endHeldBySigns(held, [said('screen', {state: 'needs-input', question: question('one')})]);
		expect(ended).toEqual([]);
		endHeldBySigns(held, [said('screen', {state: 'needs-input', question: question('two')})]);
		expect(ended).toEqual(['one: its dialog left the screen']);
	});

	test('when the program said that it waits, and says that it does not', () => {
		const {held, ended} = holding('one');
		endHeldBySigns(held, [
			said('stream', {state: 'working'}),
			said('stream', {doing: 'x'}),
			said('stream', {state: 'needs-input'}),
			said('notice', {state: 'working'}),
		]);
		expect(ended).toEqual([]);
		endHeldBySigns(held, [said('stream', {state: 'idle'})]);
		expect(ended).toEqual(['one: answered in its pane']);
	});
});
