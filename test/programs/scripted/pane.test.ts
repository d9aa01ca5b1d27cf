import {describe, expect, test} from 'vitest';
import type {Reply} from '../../../source/core/protocol/request.ts';
import {listenAsRoom} from '../../helpers/room-socket.ts';
import {until} from '../../helpers/wait.ts';
import {createTerminalTools} from './kit.ts';

const ask = {
	question: 'Do you want to proceed?',
	detail: 'npm test',
	choices: ['Yes', 'No'],
	answers: {1: [{say: 'it ran'}], 2: [{say: 'it did not'}]},
};

describe('the scripted agent in a pane', () => {
	test('shows a numbered question and takes a typed digit', async () => {
		const terminal = createTerminalTools().open([{ask}]);
		await terminal.waitFor('❯ 1. Yes');
		await terminal.waitFor('   npm test');
		terminal.press('2');
		await terminal.waitFor('● it did not');
		await terminal.waitFor('No (answered here)');
		expect(terminal.rows().some(row => row.includes('❯'))).toBe(false);
		expect(await terminal.exit).toMatchObject({exitCode: 0});
	});

	test('takes the arrows and enter', async () => {
		const terminal = createTerminalTools().open([{ask}]);
		await terminal.waitFor('❯ 1. Yes');
		terminal.press('down');
		await terminal.waitFor('❯ 2. No');
		terminal.press('up', 'enter');
		await terminal.waitFor('● it ran');
	});

	test('answered in its pane it withdraws the question from the room', async () => {
		const room = await listenAsRoom(request => (request.kind === 'ask' ? undefined : {ok: true, code: 'ok'}));
		const terminal = createTerminalTools().open([{ask}], {AGENT_ROOM_SOCKET: room.path});
		await until(() => room.requests.some(request => request.kind === 'ask'), {what: 'the question in the room'});
		terminal.press('1');
		await terminal.waitFor('● it ran');
		await until(() => room.hungUp() === 1, {what: 'the question to be withdrawn'});
		expect(room.requests[0]).toMatchObject({kind: 'ask', text: 'Do you want to proceed? npm test', choices: ['Yes', 'No']});
	});

	test('takes the answer that was given in the room', async () => {
		let answer: ((reply: Reply) => void) | undefined;
		const room = await listenAsRoom((request, reply) => {
			if (request.kind !== 'ask') return {ok: true, code: 'ok'};
			answer = reply;
			return undefined;
		});
		const terminal = createTerminalTools().open([{ask}], {AGENT_ROOM_SOCKET: room.path});
		await terminal.waitFor('❯ 1. Yes');
		(await until(() => answer, {what: 'the question in the room'}))({ok: true, code: 'ok', data: {choice: 2, text: 'No'}});
		await terminal.waitFor('No (answered in the room)');
		await terminal.waitFor('● it did not');
	});

	test('goes on by itself when nobody answers', async () => {
		const terminal = createTerminalTools().open([{ask: {...ask, waitMs: 100, otherwise: 1}}]);
		await terminal.waitFor('● it ran');
		expect(terminal.text()).toContain('no answer');
	});

	test('echoes what is typed, also while it prints', async () => {
		const terminal = createTerminalTools().open([{say: 'thinking'}, {think: 60_000}]);
		await terminal.waitFor('● thinking');
		terminal.type('please hurry');
		await terminal.waitFor(rows => rows.some(row => row === '› please hurry'));
		terminal.press('backspace', 'backspace', 'enter');
		await terminal.waitFor(rows => rows.filter(row => row.startsWith('›')).join('|') === '› Say hello|› please hur|›');
	});

	test('ctrl-c interrupts, a line goes on, a second ctrl-c in a row exits', async () => {
		const terminal = createTerminalTools().open([{think: 300}, {say: 'done thinking'}, {think: 60_000}]);
		await terminal.waitFor('scripted agent');
		terminal.press('ctrl+c');
		await terminal.waitFor('Interrupted');
		terminal.type('go on\r');
		await terminal.waitFor('● done thinking');
		terminal.press('ctrl+c', 'ctrl+c');
		expect(await terminal.exit).toMatchObject({exitCode: 130});
	});

	test('deaf, it goes on after SIGTERM', async () => {
		const terminal = createTerminalTools().open([{say: 'hanging'}, {hang: {isDeaf: true}}]);
		await terminal.waitFor('● hanging');
		terminal.kill('SIGTERM');
		terminal.type('still here?');
		await terminal.waitFor('› still here?');
		terminal.kill('SIGKILL');
		expect(await terminal.exit).toMatchObject({signal: 'SIGKILL'});
	});

	test('a box and a long line never leave pieces behind, at any width', async () => {
		const terminal = createTerminalTools().open([{ask: {...ask, detail: '日本語'.repeat(40)}}, {think: 60_000}]);
		await terminal.waitFor('❯ 1. Yes');
		for (let time = 0; time < 6; time++) terminal.press('down');
		terminal.press('enter');
		await terminal.waitFor('● it ran');
		expect(terminal.rows().filter(row => row.includes('─') || row.includes('日本'))).toEqual([]);
	});
});
