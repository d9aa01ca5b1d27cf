import {describe, expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {busyRoom} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

const withLog = (lines: readonly string[]) => {
	const store = createTestStore(busyRoom());
	store.looks.log.set('t-16', {log: 't-16-test-3.log', name: 'test-3', names: ['develop-1', 'review-2', 'test-3'], lines});
	store.looks.log.set('t-16 test-3', {log: 't-16-test-3.log', name: 'test-3', names: ['develop-1', 'review-2', 'test-3'], lines});
	store.looks.log.set('t-16 review-2', {
		log: 't-16-review-2.log',
		name: 'review-2',
		names: ['develop-1', 'review-2', 'test-3'],
		lines: ['I approve.'],
	});
	return store;
};

describe('the log of what is selected', () => {
	test('says the cause first, follows the end, is read back, and the lines that are read stay while more come', async () => {
		const store = withLog(Array.from({length: 300}, (_, index) => `line ${index + 1}.`));
		const terminal = open(store, {columns: 100, rows: 30});
		await terminal.shows('ROOM │');
		terminal.type('jjjl');
		await terminal.shows('line 300.');
		expect(terminal.text()).toMatch(/CAUSE {4}tests failed {3}\(sure\)/);
		expect(terminal.text()).toContain('t-16-test-3.log');
		expect(terminal.text()).toMatch(/ \d+-300 of 300 · following/);
		terminal.type('g');
		await terminal.shows('line 1.');
		expect(terminal.text()).toMatch(/ 1-\d+ of 300 /);
		terminal.type('f');
		await terminal.shows('· following');
		terminal.type('\u001b');
		await terminal.shows('ROOM │');
	});

	test('wraps long lines or cuts them with an ellipsis, and lets no sequence of theirs out', async () => {
		const long = `begin ${'wide '.repeat(60)}end.`;
		const terminal = open(withLog([long, 'a \u001b]0;title\u0007 b \u001b[2J c', 'last']), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('jjjl');
		await terminal.shows('end.');
		terminal.type('W');
		await terminal.shows(text => !text.includes('end.'));
		expect(terminal.text()).toMatch(/begin wide .*…/);
		expect(terminal.output()).not.toMatch(/title\u0007|\u001b\[2J/);
	});

	test('is searched: the last match first, then upwards and down, and words that are nowhere are said', async () => {
		const lines = Array.from({length: 300}, (_, index) => `line ${index + 1}${index % 100 === 50 ? ' has an Error' : ''}.`);
		const terminal = open(withLog(lines), {columns: 100, rows: 30});
		await terminal.shows('ROOM │');
		terminal.type('jjjl');
		await terminal.shows('line 300.');
		terminal.type('/error');
		await terminal.shows('/error 3/3');
		expect(terminal.text()).toContain('line 251 has an Error.');
		expect(terminal.rows().at(-1)).toContain('SEARCH │ /error');
		terminal.type('\r');
		await terminal.shows('LOG │');
		terminal.type('n');
		await terminal.shows('line 151 has an Error.');
		terminal.type('N');
		await terminal.shows('line 251 has an Error.');
		terminal.type('/q?');
		await terminal.shows('/q? not found');
		terminal.type('\u001b');
		await terminal.shows('LOG │');
		expect(terminal.text()).not.toContain('not found');
	});

	test('opens whole in the pager, and says what is there where nothing was printed', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('jjjl');
		await terminal.shows('No output yet');
		terminal.type('l');
		await until(
			() => terminal.text().includes('No log yet.'),
			() => terminal.text(),
		);
	});

	test('leads to the logs of every stage of its task', async () => {
		const terminal = open(withLog(['1 failed']), {columns: 100, rows: 30});
		await terminal.shows('ROOM │');
		terminal.type('jjjl');
		await terminal.shows('test-3 (3 of 3)');
		terminal.type('\x1b[Z');
		await terminal.shows('review-2 (2 of 3)');
		await terminal.shows('I approve.');
		// The cause is that of the newest.
		expect(terminal.text()).not.toMatch(/CAUSE/);
		terminal.type('\t');
		await terminal.shows('1 failed');
		expect(terminal.text()).toContain('test-3 (3 of 3)');
	});
});
