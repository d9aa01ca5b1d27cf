import {expect, test} from 'vitest';
import {busyText} from './machine.ts';
import {type Section, withFigures} from './page.ts';
import type {Row} from './report.ts';

const PAGE = '# Figures\n\nWhat it costs.\n\n<!-- figures -->\n<!-- end of the figures -->\n\n## More\n\n### Missed\n';
const ORDER = ['Claims', 'Growth', 'The wall'];

const row = (name: string, holds: boolean, figure = '1.00 ms   2.00x of 0.50'): Row => ({
	...{title: 'Title', name, figure, peer: 'tmux', target: '<= 1.5x', holds},
});

const section = (title: string, more: Partial<Section> = {}): Section => ({
	...{title, command: `npm run bench -- ${title.toLowerCase()}`, run: '2026-12-02, agent-room 1 at abc; a machine', busy: ''},
	...{leftOut: [], rows: [row('one', true)]},
	...more,
});

const written = (page: string, sections: readonly Section[], leftOut: readonly string[] = []): string =>
	withFigures(page, sections, {order: ORDER, leftOut});
const summaryIn = (page: string): string[] => (page.split('### Missed and left out\n\n')[1] ?? '').split('\n\n')[0]?.split('\n') ?? [];

test('each bench has a section with its command, day, machine and figures, in the order of the benches', () => {
	const page = written(PAGE, [section('The wall'), section('Claims')]);
	expect(page.match(/^### .*$/gm)).toEqual(['### Missed and left out', '### Claims', '### The wall', '### Missed']);
	expect(page).toContain(
		'### Claims\n\n`npm run bench -- claims`: 2026-12-02, agent-room 1 at abc; a machine.\n\n| what | figure | next to it | target | |\n|---|---|---|---|---|\n| Title: one | 1.00 ms | 2.00x of tmux (0.50 ms) | <= 1.5x | holds |\n',
	);
	expect(page.startsWith('# Figures\n\nWhat it costs.\n\n<!-- figures -->\n')).toBe(true);
	expect(page.endsWith('\n<!-- end of the figures -->\n\n## More\n\n### Missed\n')).toBe(true);
});

test('a later run of one bench replaces its section only, and the same run twice changes nothing', () => {
	const first = written(PAGE, [section('Claims'), section('Growth', {rows: [row('two', false)]})]);
	const second = written(first, [section('Growth', {run: 'a later day', rows: [row('three', true)]})]);
	expect(second).toContain('### Claims\n\n`npm run bench -- claims`: 2026-12-02');
	expect(second).toContain('`npm run bench -- growth`: a later day.');
	expect(second).not.toContain('Title: two');
	expect(written(second, [section('Growth', {run: 'a later day', rows: [row('three', true)]})])).toBe(second);
});

test('a section of a bench that there is no longer goes, and one without a figure does not take the place of an older', () => {
	const first = withFigures(PAGE, [section('Gone'), section('Claims')], {order: ['Gone', ...ORDER], leftOut: []});
	const second = written(first, [section('Claims', {rows: []})]);
	expect(second).not.toContain('Gone');
	expect(second).toContain('### Claims');
});

test('what is missed, left out and never measured stands above the sections, for all of them', () => {
	const first = written(PAGE, [section('Claims', {rows: [row('one', true), row('two', false), row('alone', false, '9.00 ms')]})]);
	const second = written(first, [section('Growth', {leftOut: ['mprocs: no network']})], ['The wall: tmux is missing']);
	expect(summaryIn(second)).toEqual([
		'- Missed: Claims: Title: two: 2.00x of tmux (0.50 ms), target <= 1.5x',
		'- Missed: Claims: Title: alone: 9.00 ms, target <= 1.5x',
		'- Left out of Growth: mprocs: no network',
		'- Left out: The wall: tmux is missing',
	]);
	expect(summaryIn(first).at(-1)).toBe('- Never measured here: Growth, The wall');
	expect(
		summaryIn(
			written(
				PAGE,
				ORDER.map(title => section(title)),
			),
		),
	).toEqual(['Nothing.']);
});

test('a busy machine is said in the section, a quiet one is not', () => {
	expect(busyText(0.02, 0.1)).toBe('');
	const busy = busyText(0.02, 0.5);
	expect(busy).toBe('The machine was busy: 2 % of its cores right before, 50 % right after.');
	expect(written(PAGE, [section('Claims', {busy})])).toContain(`**${busy}** Read the ratios only: absolute figures mean nothing.`);
	expect(written(PAGE, [section('Claims')])).not.toContain('absolute');
});

test('a page without marks is refused; a `|` in a figure does not end its cell', () => {
	expect(() => written('# Figures\n', [section('Claims')])).toThrow('<!-- figures -->');
	expect(written(PAGE, [section('Claims', {rows: [row('a | b', true)]})])).toContain('| Title: a \\| b |');
});
