import {Box} from 'ink';
import {type Drawing, onceFor} from '../../draw/context.ts';
import type {PageKind} from '../../hooks/kinds.ts';
import {usePage} from '../../hooks/page.ts';
import {clock, momentText} from '../../model/time.ts';
import {boxData, PanelOf} from '../../parts/box.tsx';
import {moved, type PageContent} from '../../state/descriptor.ts';
import type {Page} from '../../state/pages.ts';
import {lookOf} from '../../state/state.ts';
import type {BoxContent} from '../../text/box.ts';
import {fill, type Line, span, spread} from '../../text/text.ts';
import {leadChart, mergeChart, moneyChart, queueChart, successLines} from './charts.ts';

declare module '../../keymap/row.ts' {
	interface OwnPages {
		/** Charts of the team's work; `scroll`: rows above the first visible one. */
		figures: {readonly scroll: number};
	}
}
type FiguresPage = Extract<Page, {kind: 'figures'}>;

/** From these columns on the charts stand in two columns. */
const TWO = 120;

const contentOf = (drawing: Drawing, columns: number, rows: number): readonly (readonly Line[])[] => {
	const figures = lookOf(drawing.state, 'figures', '');
	if (!figures) {
		const why = drawing.snapshot.redis.isConnected
			? 'Reading the event log…'
			: 'Redis is disconnected. The figures appear when it is back.';
		return [[[], [span(` ${why}`, 'dim')]]];
	}
	const isTwo = columns + 2 >= TWO;
	const width = isTwo ? Math.floor((columns - 2) / 2) : columns;
	const size = {columns: width, rows: rows >= 36 ? 5 : rows >= 26 ? 4 : 3};
	const success = successLines(figures, size, drawing, isTwo ? Math.max(4, rows - 2 * (size.rows + 6) - 2) : 12);
	const [merges, lead, queue, money] = [mergeChart, leadChart, queueChart, moneyChart].map(chart => chart(figures, size, drawing));
	if (!isTwo) return [[...(merges ?? []), ...(lead ?? []), ...(queue ?? []), ...success, ...(money ?? [])]];
	return [
		[...(merges ?? []), ...(lead ?? []), ...(money ?? [])],
		[...(queue ?? []), ...success],
	];
};

/** Columns of lines side by side, each filled to its width. */
const beside = (parts: readonly (readonly Line[])[], columns: number): readonly Line[] => {
	const [left = [], right] = parts;
	if (!right) return left;
	const width = Math.floor((columns - 2) / 2);
	return Array.from(
		{length: Math.max(left.length, right.length)},
		(_, at): Line => [...fill(left[at] ?? [], width), span('  '), ...(right[at] ?? [])],
	);
};

const figures = onceFor((drawing, page: FiguresPage) => {
	const {layout, now, state, snapshot} = drawing;
	const rows = layout.rows - 2 - Math.max(1, layout.attention.length);
	const rect = {x: 0, y: 1, columns: layout.columns, rows};
	const lines = beside(contentOf(drawing, rect.columns - 2, rows - 2), rect.columns - 2);
	const overflow = Math.max(0, lines.length - (rows - 2));
	const from = Math.min(overflow, page.scroll);
	const known = lookOf(state, 'figures', '');
	const since =
		known && known.from > 0 ? `since ${momentText(known.from - snapshot.clockOffset, now)}, as far as the event log reaches` : '';
	const box: BoxContent = {
		rect,
		title: [span('Figures', 'strong')],
		titleRight: layout.columns >= 100 ? [span(since, 'dim')] : [],
		footer: overflow > 0 ? [span(`${from + 1}-${from + rows - 2} of ${lines.length}`, 'dim')] : [],
		lines: lines.slice(from, from + rows - 2),
		selected: -1,
		isHeavy: !state.dialog,
		tone: 'plain',
	};
	const name = layout.columns >= 100 ? ' agent-room › figures' : ' figures';
	return {header: spread([span(name, 'strong')], [span(`${clock(now)} `)], layout.columns), overflow, box};
});

const shown = (drawing: Drawing, page: FiguresPage) => boxData(figures(drawing, page).box);

const FiguresPanels = () => {
	const box = usePage('figures', shown);
	return (
		<Box flexDirection="column">
			<PanelOf box={box} />
		</Box>
	);
};

/** How the work went, from the event log: merges, lead time, waiting tasks, success and money; each chart has its numbers in words. */
export const FIGURES: PageKind<FiguresPage> = {
	word: 'FIGURES',
	title: 'figures',
	keys: [],
	opens: {
		key: {
			...{scope: 'room', keys: ['%'], action: 'figures', words: ['charts', 'statistics', 'throughput', 'lead time']},
			...{label: 'figures', help: 'charts and figures', group: 'SEE', order: 30},
		},
		first: () => ({kind: 'figures', scroll: 0}),
	},
	orders: {},
	looksAt: () => [{what: 'figures', task: ''}],
	move: (page, move, context, state) => {
		const [end] = context.overflow(state).page;
		return {...page, scroll: moved(move, Math.min(end, page.scroll), end)};
	},
	content: (drawing, page): PageContent => {
		const {header, overflow} = figures(drawing, page);
		return {header, overflow: [overflow, 0]};
	},
	Part: FiguresPanels,
};
