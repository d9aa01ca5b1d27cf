import {describe, expect, test} from 'vitest';
import {Dialog, Fact, Item, Offers, Written} from '../../../source/ui/parts/dialog.tsx';
import {Panel} from '../../../source/ui/parts/panel.tsx';
import {Row, Rows, Words} from '../../../source/ui/parts/row.tsx';
import {span} from '../../../source/ui/text/text.ts';
import {drawingOf} from '../fixtures/drawn.ts';
import {drive} from '../fixtures/driver.ts';
import {busyRoom} from '../fixtures/room.ts';
import {show, withComponents} from '../fixtures/shown.tsx';

withComponents();
const drawing = drawingOf(drive(busyRoom(), {columns: 80, rows: 24}));

describe('a panel', () => {
	test('has its title, notes and words in exactly its cells', () => {
		const {rows} = show(
			drawing,
			<Panel columns={24} rows={5} title={[span('1 Agents')]} titleRight={[span('by name')]} footer={[span('1-2 of 9')]} isHeavy>
				<Rows lines={[[span('one')], [], [span('three')], [span('cut off')]]} />
			</Panel>,
		);
		expect(rows()).toEqual([
			'┏━1 Agents ━━ by name ━┓',
			'┃one                   ┃',
			'┃                      ┃',
			'┃three                 ┃',
			'┗━━━━━━━━━━━ 1-2 of 9 ━┛',
		]);
	});

	test('without a height is as high as what stands in it, and no higher than it may be', () => {
		const lines = Array.from({length: 6}, (_, index) => [span(`row ${index}`)]);
		const panel = (most: number) =>
			show(
				drawing,
				<Panel columns={12} most={most} title={[span('t')]}>
					<Rows lines={lines} />
				</Panel>,
			).rows();
		expect(panel(20)).toHaveLength(8);
		const low = panel(5);
		expect(low).toHaveLength(5);
		expect(low.slice(-2)).toEqual(['│row 2     │', '╰──────────╯']);
	});
});

test('rows are cut with an ellipsis where they are longer than their place, and words are wrapped', () => {
	const {rows} = show(
		drawing,
		<>
			<Row line={[span('one '), span('two three four', 'strong')]} />
			<Words text="some words that need two rows" columns={16} most={2} />
		</>,
		{columns: 12},
	);
	expect(rows()[0]).toBe('one two thr…');
	const wide = show(drawing, <Words text="some words that need two rows" columns={16} most={2} />, {columns: 20});
	expect(wide.rows()).toEqual(['some words that', 'need two rows']);
});

describe('a dialog', () => {
	test('is as wide as it is told, and its parts know how wide that is', () => {
		const {rows} = show(
			drawing,
			<Dialog width={50} title="Quit?">
				<Fact name="kept">all that was made, with branches and worktrees</Fact>
				<Offers of="unlock" />
			</Dialog>,
		);
		expect(rows()).toEqual([
			`┏━Quit? ${'━'.repeat(41)}┓`,
			`┃${'  kept          all that was made, with'.padEnd(48)}┃`,
			`┃${'                branches and worktrees'.padEnd(48)}┃`,
			`┃${'▸ esc  cancel                        (default)  '}┃`,
			`┃${'  u    force unlock'.padEnd(48)}┃`,
			`┗${'━'.repeat(48)}┛`,
		]);
	});

	test('shows what is written with its cursor, and what can be written as long as nothing is', () => {
		const written = (text: string) =>
			show(
				drawing,
				<Dialog width={30} title="t">
					<Written lead="  › " editor={{text, cursor: text.length}} hint="a reply" />
					<Item isOn line={[span('▸ one')]} />
				</Dialog>,
			).rows();
		expect(written('')[1]).toBe('┃  ›  a reply                ┃');
		expect(written('yes')[1]).toBe(`┃${'  › yes'.padEnd(28)}┃`);
		expect(written('yes')[2]).toBe(`┃${'▸ one'.padEnd(28)}┃`);
	});
});
