import {describe, expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {task} from '../fixtures/room.ts';
import {createTestStore, type TestStore} from '../fixtures/store.ts';
import {askingRoom, plan, reviews} from '../fixtures/team.ts';
import {type Attached, until} from '../fixtures/terminal.ts';

withTerminals();

const SIZES = [
	{columns: 160, rows: 45},
	{columns: 100, rows: 30},
	{columns: 80, rows: 24},
	{columns: 40, rows: 15},
] as const;

describe('hostile text of a team', () => {
	const hostile = '\x1b[2J\x1b]0;owned\x07 漢字かな\r\n\tשלום\u202e 👩‍👩‍👧‍👦 \ud800';
	const bad = hostile.repeat(40);
	const poisoned = (): TestStore => {
		const snapshot = askingRoom({changes: {conflicts: [{tasks: ['t-8', bad], files: [bad, bad], since: 1}]}});
		const tasks = new Map(
			[...snapshot.team.tasks].map(([id, one]) => [
				id,
				{...one, title: bad, waitReason: bad, branch: bad, progress: bad, reason: bad, testLog: bad, after: [bad]},
			]),
		);
		const entry = task('t-20', {
			title: bad,
			stage: 'test',
			state: 'ready',
			waitReason: bad,
			author: bad,
			reviewer: bad,
			reviewedCommit: bad,
		});
		const store = createTestStore({
			...snapshot,
			team: {
				...snapshot.team,
				tasks: new Map([...tasks, [entry.id, entry]]),
				control: {...snapshot.team.control, failingBase: 'abc', failingWhy: bad},
			},
		});
		const [first] = plan.tasks;
		const worst = {...first, id: bad, title: bad, description: bad, acceptance: [bad], after: [bad], needs: [bad], paths: [bad], role: bad};
		store.texts.set('login', {proposal: JSON.stringify({summary: bad, tasks: [worst, worst], cancel: [bad, 't-5']})});
		const comments = [{file: bad, line: 3, severity: 'must-fix' as const, text: bad}];
		store.texts.set('t-8', {
			description: bad,
			acceptance: [bad],
			handoff: bad,
			feedback: bad,
			reviews: reviews.map(round => ({...round, reviewer: bad, text: bad, comments})),
		});
		return store;
	};

	/** The cells of a row, each where it stands. */
	const cellsOf = ({screen}: Attached, y: number): string[] => {
		const {columns} = screen;
		const text = Array<string>(columns).fill('');
		const numbers = {foreground: new Int32Array(columns), background: new Int32Array(columns), style: new Uint16Array(columns)};
		screen.readRow(y, {text, width: new Uint8Array(columns), ...numbers});
		return text;
	};
	/** The heavy box has both its sides on each of its rows. */
	const expectWhole = (terminal: Attached): void => {
		const rows = Array.from({length: terminal.screen.rows}, (_, y) => cellsOf(terminal, y));
		const top = rows.findIndex(row => row.includes('┏'));
		const bottom = rows.findIndex(row => row.includes('┗'));
		const [left, right] = [rows[top]?.indexOf('┏') ?? -1, rows[top]?.indexOf('┓') ?? -1];
		expect(bottom - top).toBeGreaterThan(3);
		const sides = rows.slice(top + 1, bottom).map(row => `${row[left]}${row[right]}`);
		expect(sides, terminal.text()).toEqual(sides.map(() => '┃┃'));
	};

	test.each(SIZES)('breaks no row of a plan, a decision, a task or the merge queue at %o', async size => {
		const terminal = open(poisoned(), size);
		await terminal.shows('ROOM │');
		const holds = async (keys: string, word: string): Promise<void> => {
			terminal.type(keys);
			await terminal.shows(word);
			expectWhole(terminal);
			const foreign = terminal
				.output()
				.replaceAll(/\x1b\](?:2;\d*▲? ?\d+● agent-room|11;\?)\x07/g, '')
				.match(/\x1b\]|\x07|\x1b\[2J|\r|\n/g);
			expect(foreign).toBeNull();
		};
		await holds('a', 'PLAN │');
		terminal.type('jj');
		// A key counts once the plan has stood on the screen.
		await until(() => {
			terminal.type('n');
			return terminal.text().includes('COMMENT │');
		}, terminal.text);
		expectWhole(terminal);
		await holds('\x1b', 'PLAN │');
		await holds('\t', 'DECIDE │');
		await holds('t', 'TASK │');
		await holds('m', 'MERGES │');
		await holds('t', 'BOARD │');
		await holds('w', 'CHANGES │');
		await holds('\x1b', 'BOARD │');
		await holds('c', 'COST │');
		await holds('\x1b', 'BOARD │');
		await holds('n', 'FORM │');
	});
});
