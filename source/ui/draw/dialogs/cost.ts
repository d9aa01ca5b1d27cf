import {agentName} from '../../../core/agent.ts';
import {tellBrake} from '../../../core/brake-words.ts';
import {type CostLine, tokensText, unpriced} from '../../../core/cost.ts';
import {median, quantile} from '../../../core/estimate.ts';
import {dollars} from '../../../core/money.ts';
import {spendingRate, spentSince} from '../../../core/spending.ts';
import type {RoomSnapshot} from '../../../store/room.ts';
import {keyOf} from '../../keymap.ts';
import {age, clock} from '../../model/ages.ts';
import {midnight} from '../../model/board.ts';
import {remember} from '../../model/remember.ts';
import {brakesNow} from '../../state/choices.ts';
import {type CostSort, costNow} from '../../state/cost.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {fieldSpans} from '../bottom.ts';
import {type Drawing, teamNow} from '../context.ts';
import {cell, cut, fill, type Line, said, span, wrap} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const BAR = 24;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** `$18.42 of $50.00  █████████░░░  37%`, where there is a budget. */
const totalLine = ({spent, budget}: CostLine, inner: number, {keymap, isAscii}: Drawing): Line => {
	if (budget === 0)
		return [span(`  ${dollars(spent)}`, 'strong'), span(`  no budget: ${keyOf(keymap, 'cost.budget', isAscii)} sets one`, 'dim')];
	const share = Math.min(1, spent / budget);
	const filled = Math.round(share * BAR);
	const bar = inner >= 60 ? `  ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}` : '';
	const tone = share >= 1 ? ('dead' as const) : share >= 0.8 ? ('warning' as const) : ('plain' as const);
	return [span(`  ${dollars(spent)}`, 'strong'), span(` of ${dollars(budget)}`), span(`${bar}  ${Math.floor(share * 100)}%`, tone)];
};

/** What was spent today, how fast now, and where that leads: at midnight, and when the budget is reached. */
const paceTexts = ({snapshot, now}: Drawing, {spent, budget}: CostLine): readonly string[] => {
	const {spending} = snapshot.team;
	const dayBegan = midnight(now);
	const today = spentSince(spending, dayBegan + snapshot.clockOffset);
	const rate = spendingRate(spending, now + snapshot.clockOffset);
	const leftMs = dayBegan + DAY_MS - now;
	const until = budget > spent && rate > 0 ? ((budget - spent) / rate) * HOUR_MS : Number.POSITIVE_INFINITY;
	const leads = [
		...(rate > 0 ? [`on this pace ${dollars(today + (rate * leftMs) / HOUR_MS)} by midnight`] : []),
		...(until < 7 * DAY_MS ? [`the budget in ${age(until)}${until < DAY_MS ? `, at ${clock(now + until)}` : ''}`] : []),
	];
	return [`today ${dollars(today)} · ${dollars(rate)} an hour now`, leads.join(' · ')].filter(Boolean);
};

/** What a merged task costs, and what was spent on tasks that came to nothing. */
const perTask = remember(({team}: RoomSnapshot) => {
	const tasks = [...team.tasks.values()];
	const costs = tasks.filter(({state, spent}) => state === 'merged' && spent > 0).map(({spent}) => spent);
	const lost = tasks.filter(({state}) => state === 'dead' || state === 'cancelled').reduce((sum, {spent}) => sum + spent, 0);
	return {middle: median(costs), high: quantile(costs, 0.9), count: costs.length, lost};
});

type Used = {readonly id: string; readonly name: string; readonly spent: number; readonly tokensIn: number; readonly tokensOut: number};

const tokensOf = ({tokensIn, tokensOut}: Used): number => tokensIn + tokensOut;
const ORDERS: Readonly<Record<CostSort, (one: Used, other: Used) => number>> = {
	money: (one, other) => other.spent - one.spent || tokensOf(other) - tokensOf(one),
	tokens: (one, other) => tokensOf(other) - tokensOf(one),
	name: (one, other) => one.name.localeCompare(other.name, 'en', {numeric: true}),
};

/** The agents' rows summed by whose limits they share, else by their program. */
const byAccount = ({agents}: CostLine): readonly Used[] =>
	[...Map.groupBy(agents, ({account, harness}) => account || harness || 'others')].map(([id, rows]) => ({
		id,
		name: id,
		spent: rows.reduce((sum, row) => sum + row.spent, 0),
		tokensIn: rows.reduce((sum, row) => sum + row.tokensIn, 0),
		tokensOut: rows.reduce((sum, row) => sum + row.tokensOut, 0),
	}));

/** One column: its title, then its rows, each with its money, or its tokens where no price is known or tokens are asked for. */
const column = (title: string, rows: readonly Used[], columns: number, most: number, sort: CostSort): readonly Line[] => [
	fill([span(title, 'dim')], columns),
	...rows
		.toSorted(ORDERS[sort])
		.slice(0, most)
		.map((row): Line => {
			const amount = row.spent > 0 && sort !== 'tokens' ? dollars(row.spent) : `${tokensText(tokensOf(row))} tok`;
			return fill([span(`${cell(row.name, Math.max(4, columns - 11))} `), span(amount.padStart(8))], columns);
		}),
	...(rows.length > most ? [fill([span(`… ${rows.length - most} more`, 'dim')], columns)] : []),
];

const MARKS: Readonly<Record<string, string>> = {dead: ' ✗', merged: ' ✓', leased: ' ●'};

const tableLines = (cost: CostLine, inner: number, most: number, sort: CostSort): readonly Line[] => {
	const tasks = cost.tasks.map(row => ({...row, name: `${row.id}${MARKS[row.state] ?? ''}`}));
	const parts = [
		['by task', tasks],
		['by agent', cost.agents.map(row => ({...row, name: agentName(row.id)}))],
		['by account', byAccount(cost)],
		...(cost.features.length > 0 && inner >= 90 ? ([['by feature', cost.features.map(row => ({...row, name: row.id}))]] as const) : []),
	] as const;
	const shown = inner >= 60 ? parts : parts.slice(0, inner >= 40 ? 2 : 1);
	const columns = Math.floor((inner - 2) / shown.length);
	const blocks = shown.map(([title, rows]) => column(title, rows, columns, most, sort));
	const height = Math.max(...blocks.map(block => block.length));
	return Array.from({length: height}, (_, row): Line => [span('  '), ...blocks.flatMap(block => block[row] ?? fill([], columns))]);
};

/** What was used up, in all and by whom, how fast, and which accounts wait; with a line for the budget while it is written. */
export const costDialog = (drawing: Drawing, dialog: Extract<Dialog, {kind: 'cost' | 'budget'}>): DialogContent => {
	const {snapshot, layout, now} = drawing;
	const width = Math.min(layout.columns >= 130 ? 112 : 76, layout.columns - 2);
	const inner = width - 2;
	const cost = costNow(drawing);
	const isSmall = layout.rows < 20;
	const brakes = brakesNow(snapshot, now).map(
		(brake): Line => [
			span('  ‖ ', 'paused'),
			span(cut(`${tellBrake(brake)}, ${age(brake.until - teamNow(drawing))} more`, inner - 6), 'paused'),
		],
	);
	const {middle, high, count, lost} = perTask(snapshot, now);
	const merged = count > 0 ? `per merged task ${dollars(middle)} median, ${dollars(high)} p90` : '';
	const without = unpriced(cost);
	const notes = [
		...(without.length > 0 ? [`No price is known for the model of ${without.join(', ')}: \`prices\` in agent-room.yaml.`] : []),
		...(cost.budget > 0 && !isSmall ? ['When it is reached nobody begins anything; tests and merges go on.'] : []),
		"Agents' own estimates, or tokens by list price; not the bill.",
	];
	const texts = (all: readonly string[], most: number): readonly Line[] =>
		all.filter(Boolean).flatMap(text => wrap(said(text), inner - 4, most).map((row): Line => [span(`  ${row}`, 'dim')]));
	const gap: readonly Line[] = isSmall ? [] : [[]];
	const isNothing = cost.tasks.length + cost.agents.length === 0;
	const head: readonly Line[] = [
		...(dialog.kind === 'budget' ? [[span('  budget, dollars: ', 'strong'), ...fieldSpans('', dialog.text, 20)] as Line] : []),
		totalLine(cost, inner, drawing),
		...(isNothing || isSmall ? [] : paceTexts(drawing, cost).map((row): Line => [span(`  ${cut(row, inner - 4)}`)])),
		[span(`  ${tokensText(cost.tokensIn)} tokens in, ${tokensText(cost.tokensOut)} out`, 'dim')],
	];
	const tail: readonly Line[] = [
		...texts([[merged, lost > 0 ? `${merged ? 'lost on' : 'Lost on'} what failed ${dollars(lost)}` : ''].filter(Boolean).join(' · ')], 2),
		...(brakes.length > 0 ? [...gap, ...brakes] : []),
		...gap,
		...texts(notes, 2),
	];
	const left = layout.rows - 4 - head.length - tail.length - gap.length * 3 - 2;
	const most = Math.min(16, Math.max(isSmall ? 2 : 3, left));
	const table = isNothing
		? [[span('  Nothing was used up yet, or no agent told of it.', 'dim')] as Line]
		: tableLines(cost, inner, most, dialog.sort);
	return {
		title: [span('Cost', 'strong'), span(dialog.sort === 'money' ? '' : ` by ${dialog.sort}`)],
		titleRight: [
			span(`${keyOf(drawing.keymap, 'cost', drawing.isAscii)} or ${keyOf(drawing.keymap, 'cost.close', drawing.isAscii)} closes`, 'dim'),
		],
		lines: [...gap, ...head, ...gap, ...table, ...gap, ...tail],
		selected: -1,
		width,
		isHeavy: true,
	};
};
