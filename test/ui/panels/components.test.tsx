import {expect, test} from 'vitest';
import {MergesPanels} from '../../../source/ui/pages/merges/draw.tsx';
import {listPanel} from '../../../source/ui/panels/lists.tsx';
import {PaneFrame} from '../../../source/ui/panels/pane-frame.tsx';
import {drawingOf} from '../fixtures/drawn.ts';
import {drive} from '../fixtures/driver.ts';
import {busyRoom} from '../fixtures/room.ts';
import {show, withComponents} from '../fixtures/shown.tsx';
import {mergesRoom} from '../fixtures/team.ts';

withComponents();

const AgentsPanel = listPanel(1);
const rect = {x: 0, y: 1, columns: 54, rows: 22};

test('the agents panel follows what is selected, and is not drawn again where nothing of it changed', async () => {
	const driver = drive(busyRoom());
	const panel = show(drawingOf(driver), <AgentsPanel rect={rect} />, rect);
	expect(panel.rows()[0]).toBe('┏━1 Agents 11 ━━━━━━━━━━━━━━━━━━━━━━━━━━ by urgency ━┓');
	const selected = (): number => panel.rows().findIndex(row => row.includes('▸'));
	const before = selected();
	await panel.follow(drawingOf(driver.keys('j')));
	// The first row says its reason in two.
	expect(selected()).toBe(before + 2);
	const count = panel.count();
	await panel.follow(drawingOf(driver));
	await panel.follow({...drawingOf(driver), now: driver.now + 10});
	expect(panel.count()).toBe(count);
});

test('the frame of a pane says whose it is, and the words of one that has none', () => {
	const driver = drive({...busyRoom(), panes: new Map()});
	const {rows} = show(drawingOf(driver), <PaneFrame rect={{...rect, columns: 90}} />, {columns: 90, rows: 22});
	expect(rows()[0]).toMatch(/^╭─0 dev-3 ▲ NEEDS INPUT ─ t-2 Tax rounding ─+ claude · .*beat 2s ─╮$/);
	expect(rows()[2]).toContain('Not started yet');
});

test('the page of the merge queue has its table, the selected entry and the recent merges', () => {
	const driver = drive(mergesRoom(), {columns: 90, rows: 40}).keys('m', 'j');
	const {rows} = show(drawingOf(driver), <MergesPanels />, {columns: 90, rows: 37});
	expect(rows()[0]).toMatch(/^┏━Merge queue \d+/);
	expect(rows().filter(row => row.startsWith('┃▸'))).toHaveLength(1);
	expect(rows().some(row => row.startsWith('╭─Recently merged'))).toBe(true);
	expect(rows()).toHaveLength(37);
});
