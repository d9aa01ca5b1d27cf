import {expect, test} from 'vitest';
import {createReport, type Row, told} from './report.ts';
import {figure, figures, head, line, verdict} from './stats.ts';

const own = figures([2, 2, 2]);
const peer = figures([1, 1, 1]);

const rowsOf = (...lines: readonly string[]): readonly Row[] => {
	const report = createReport(() => undefined);
	for (const text of lines) report.print(text);
	return report.rows;
};

test('a line of times with a peer becomes a row that has the figure of both', () => {
	const rows = rowsOf(head('Claims (AOF always, 3 rounds)', 'one SET in a script'), line('claim', own, peer, {atMost: 1.5}));
	expect(rows).toMatchObject([{title: 'Claims', name: 'claim', peer: 'one SET in a script', target: '<= 1.5x', holds: false}]);
	expect(rows.map(told)).toEqual([{own: 'p50 2.000 ms, p95 2.000 ms', beside: '2.00x of one SET in a script (1.000 ms)'}]);
});

test('a single figure keeps the unit for its peer; one without a peer has its own alone', () => {
	const rows = rowsOf(
		'\nBytes to the terminal (160x45)          of tmux',
		figure('a second', 38_630, 'bytes', 38_590, {atMost: 1.2}),
		`${figure('screen clears', 0, 'in all')}   ${verdict(0, {atMost: 0, unit: ''})}`,
		`${figure('growth', -0.25, 'MB', -0.5)}   ${verdict(-0.25, {atMost: 1, unit: ' MB'})}`,
	);
	expect(rows.map(told)).toEqual([
		{own: '38630 bytes', beside: '1.00x of tmux (38590 bytes)'},
		{own: '0.00 in all', beside: ''},
		{own: '-0.25 MB', beside: '0.50x of tmux (-0.50 MB)'},
	]);
	expect(rows.map(({holds}) => holds)).toEqual([true, true, true]);
});

test('an indented line belongs to the one above it, however many follow; a new title begins without one', () => {
	const p99 = `${figure('    p99', 6, 'ms')}   ${verdict(6, {atMost: 5, unit: ' ms'})}`;
	const rows = rowsOf(
		head('50 claimants without a pause (3 rounds)', 'BullMQ'),
		line('a claim under this load', own),
		p99,
		p99.replace('p99', 'max'),
	);
	expect(rows.map(({title, name}) => `${title}: ${name}`)).toEqual([
		'50 claimants without a pause: a claim under this load: p99',
		'50 claimants without a pause: a claim under this load: max',
	]);
});

test('what a bench leaves out is kept with its reason, under the name of the part or of the whole', () => {
	const report = createReport(() => undefined);
	report.print('\nStart of a program (in a pane)');
	report.print('  left out: bubblewrap is not installed');
	report.print('  mprocs is left out: no network');
	expect(report.leftOut).toEqual(['Start of a program: bubblewrap is not installed', 'mprocs: no network']);
	expect(report.rows).toEqual([]);
});

test('figures of an older commit, which name no figure of the peer, are still read', () => {
	const rows = rowsOf(`${head('Claims', 'one SET')}\n${line('claim', own, peer, {atMost: 1.5}).replace(' of 1.000', '')}`);
	expect(rows.map(told)).toEqual([{own: 'p50 2.000 ms, p95 2.000 ms', beside: '2.00x of one SET'}]);
	const block = `\nGrowth (200 rounds)   of a queue of 100\n${figure('short', 1, 'ms', 2)}\n${figure('long', 1, 'ms', 2, {atMost: 1})}`;
	expect(rowsOf(block).map(told)).toEqual([{own: '1.00 ms', beside: '0.50x of a queue of 100 (2.00 ms)'}]);
});

test('the summary counts and lists what holds and what is missed', () => {
	const report = createReport(() => undefined);
	report.print(head('Claims', 'one SET'));
	report.print(line('claim', own, peer, {atMost: 1.5}));
	report.print(line('complete', own, peer, {atMost: 2}));
	expect(report.summary().split('\n').slice(1)).toEqual([
		'1 targets hold, 1 are missed',
		'  ✗ Claims: claim: p50 2.000 ms, p95 2.000 ms, 2.00x of one SET (1.000 ms); target <= 1.5x',
		'  ✓ Claims: complete: p50 2.000 ms, p95 2.000 ms, 2.00x of one SET (1.000 ms); target <= 2x',
	]);
});
