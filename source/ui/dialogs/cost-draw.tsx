import {AT_BUDGET, type AtBudget, hasBudget, tokenAmount} from '../../core/cost/budget.ts';
import {FORECAST_MS, paceOf} from '../../core/cost/spending.ts';
import {type CostLine, cancelledText, readAndWritten, unpriced} from '../../core/protocol/cost.ts';
import {formatRateLimit} from '../../core/queue/eligibility.ts';
import {median, quantile} from '../../core/task/estimate.ts';
import {dollars} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {rateLimitsNow} from '../model/attention.ts';
import {midnight, spentToday} from '../model/board.ts';
import {age, clock, remember} from '../model/time.ts';
import {type InRows, RowsDialog, useDialog} from '../parts/dialog.tsx';
import type {Dialog} from '../state/state.ts';
import {fieldSpans} from '../text/blocks.ts';
import {insert} from '../text/editor.ts';
import {cut, type Line, type Span, said, span, wrap} from '../text/text.ts';
import {costNow, costTable, updateBudget, updateCost} from './cost.ts';

const BAR = 24;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const named = (name: string, inner: number): Span => span(inner < 60 ? '  ' : `  ${name.padEnd(8)}`, 'dim');

/** `spent   $18.42 of $50.00  █████████░░░  37%`, with a budget. */
const totalLine = ({spent, budget, tokenBudget, tokens}: CostLine, inner: number, {keymap, isAscii}: Drawing): Line => {
	if (budget === 0 && tokenBudget > 0)
		return [span('  tokens  ', 'dim'), span(tokenAmount(tokens), 'strong'), span(` of ${tokenAmount(tokenBudget)}`)];
	if (budget === 0)
		return [
			named('spent', inner),
			span(dollars(spent), 'strong'),
			span(`  no budget: ${keyOf(keymap, 'cost.budget', isAscii)} sets one`, 'dim'),
		];
	const share = spent / budget;
	const filled = Math.min(BAR, Math.floor(share * BAR));
	const bar = inner >= 60 ? `  ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}` : '';
	const tone = share >= 1 ? ('danger' as const) : share >= 0.8 ? ('warning' as const) : ('plain' as const);
	const reached = share >= 1 ? (inner >= 60 ? '  reached' : ' !') : '';
	return [
		named('spent', inner),
		span(dollars(spent), 'strong'),
		span(` of ${dollars(budget)}`),
		span(`${bar}  ${Math.min(999, Math.floor(share * 100))}%${reached}`, tone),
	];
};

const atBudgetLines = ({atBudget}: CostLine, inner: number, {keymap, isAscii}: Drawing): readonly Line[] => {
	const isWide = inner >= 70;
	const buttons = AT_BUDGET.flatMap(
		(action, index): Line => [
			span(`${index === 0 ? '' : '  '}(${action === atBudget ? '●' : ' '}) `, action === atBudget ? 'strong' : 'dim'),
			span((isWide ? BUTTONS : SHORT)[action], action === atBudget ? 'strong' : 'dim'),
		],
	);
	const key = span(`${keyOf(keymap, 'cost.reached', isAscii)} `, 'strong');
	return isWide
		? [[span('  '), key, span('when reached:  ', 'dim'), ...buttons], [span(`    ${MEANS[atBudget]}`, 'dim')]]
		: [[span('  '), key, ...buttons]];
};
const BUTTONS: Readonly<Record<AtBudget, string>> = {hold: 'no new work', freeze: 'freeze', warn: 'warn only'};
const SHORT: Readonly<Record<AtBudget, string>> = {hold: 'pause', freeze: 'freeze', warn: 'warn'};
const MEANS: Readonly<Record<AtBudget, string>> = {
	hold: 'No new work starts; tests and merges continue.',
	freeze: 'Everything freezes in place; after you unfreeze, no new work starts.',
	warn: 'agent-room warns once; agents keep running.',
};

/** Spent today, an hour's spending and what that is read from, and where it leads: at midnight, and when it reaches the budget. */
const paceLines = ({snapshot, now}: Drawing, {spent, budget}: CostLine, inner: number): readonly Line[] => {
	const dayBegan = midnight(now);
	const today = spentToday(snapshot, now);
	const {perHour, overMs, isForecast} = paceOf(snapshot.team.spending, now + snapshot.clockOffset);
	const over = overMs < HOUR_MS ? ` an hour, from the last ${Math.floor(overMs / MINUTE_MS)} min` : ' in the last hour';
	const rate = perHour > 0 ? [span(`  ${dollars(perHour)}${over}`)] : [];
	const leftMs = dayBegan + DAY_MS - now;
	const until = budget > spent && perHour > 0 ? ((budget - spent) / perHour) * HOUR_MS : Number.POSITIVE_INFINITY;
	const leads = [
		`${dollars(today + (perHour * leftMs) / HOUR_MS)} by midnight`,
		...(until < 7 * DAY_MS ? [`budget reached in ${age(until)}${until < DAY_MS ? `, at ${clock(now + until)}` : ''}`] : []),
	];
	const tooEarly = overMs < FORECAST_MS ? `a forecast needs ${FORECAST_MS / MINUTE_MS} min of spending` : 'a forecast needs more reports';
	return [
		[named('today', inner), span(dollars(today), 'strong'), ...rate],
		...(overMs === 0 ? [] : [[named('pace', inner), isForecast ? span(leads.join(' · ')) : span(tooEarly, 'dim')]]),
	];
};

const perTask = remember(({team}: RoomSnapshot) => {
	const tasks = [...team.tasks.values()];
	const costs = tasks.filter(({state, spent}) => state === 'merged' && spent > 0).map(({spent}) => spent);
	const lost = tasks.filter(({state}) => state === 'failed' || state === 'cancelled').reduce((sum, {spent}) => sum + spent, 0);
	return {middle: median(costs), high: quantile(costs, 0.9), count: costs.length, lost};
});

/** Groups of lines with a blank line before each; the first keep their blank lines if room is short. */
const stacked = (groups: readonly (readonly Line[])[], rows: number): readonly Line[] => {
	const shown = groups.filter(group => group.length > 0);
	const spare = rows - shown.flat().length;
	return shown.flatMap((group, index): readonly Line[] => (index < spare ? [[], ...group] : group));
};

/** Usage in total and by whom, rate, and rate-limited accounts; with an input line while the budget is edited. */
const cost = (drawing: Drawing, dialog: Extract<Dialog, {kind: 'cost' | 'budget'}>): InRows => {
	const {snapshot, layout, now} = drawing;
	const width = Math.min(layout.columns >= 130 ? 112 : 76, layout.columns - 2);
	const inner = width - 2;
	const used = costNow(drawing);
	const isSmall = layout.rows < 20;
	const rateLimits = rateLimitsNow(snapshot, now).map(
		(rateLimit): Line => [
			span('  ‖ ', 'paused'),
			span(cut(`${formatRateLimit(rateLimit)}, ${age(rateLimit.until - teamNow(drawing))} more`, inner - 6), 'paused'),
		],
	);
	const {middle, high, count, lost} = perTask(snapshot, now);
	const merged = count > 0 ? `per merged task ${dollars(middle)} median, ${dollars(high)} p90` : '';
	const without = unpriced(used);
	const notes = [
		cancelledText(used),
		...(without.length > 0 ? [`No price for the model of ${without.join(', ')}: set \`prices\` in agent-room.yaml.`] : []),
		inner < 60 ? 'Estimates of the agents.' : 'Estimates: reported by the agents, or tokens at list price.',
	];
	const texts = (all: readonly string[], most: number): readonly Line[] =>
		all.filter(Boolean).flatMap(text => wrap(said(text), inner - 4, most).map((row): Line => [span(`  ${row}`, 'dim')]));
	const isNothing = used.tasks.length + used.agents.length === 0;
	const head: readonly Line[] = [
		...(dialog.kind === 'budget' ? [[span('  budget, dollars: ', 'strong'), ...fieldSpans('', dialog.text, 20)] as Line] : []),
		totalLine(used, inner, drawing),
		...(isNothing || isSmall ? [] : paceLines(drawing, used, inner)),
		...(used.tokensIn + used.tokensOut > 0 ? [[named('tokens', inner), span(readAndWritten(used))] as Line] : []),
	];
	const results = [merged, lost > 0 ? `${merged ? 'spent on failed work' : 'Spent on failed work'} ${dollars(lost)}` : '']
		.filter(Boolean)
		.join(' · ');
	const tail: readonly (readonly Line[])[] = [
		texts([results], 2),
		rateLimits,
		hasBudget(used) ? atBudgetLines(used, inner, drawing) : [],
		texts(notes, 2),
	];
	// The header and the last two rows stay visible; the frame takes two more.
	const room = layout.rows - (isSmall ? 4 : 6);
	const fixed = [head, ...tail].flat().length;
	const most = Math.min(16, Math.max(isSmall ? 2 : 3, room - fixed - 9));
	const table = isNothing ? texts(['No usage reported yet.'], 2) : costTable(used, inner, most, dialog.sort);
	return {
		title: [span('Cost', 'strong'), span(dialog.sort === 'money' ? '' : ` by ${dialog.sort}`)],
		titleRight: [
			span(`${keyOf(drawing.keymap, 'cost', drawing.isAscii)} or ${keyOf(drawing.keymap, 'cost.close', drawing.isAscii)} closes`, 'dim'),
		],
		lines: stacked([head, table, ...tail], room),
		selected: -1,
		width,
	};
};

const CostDialog = () => <RowsDialog told={useDialog('cost', cost)} />;
const BudgetDialog = () => <RowsDialog told={useDialog('budget', cost)} />;

export const COST: DialogKind<Extract<Dialog, {kind: 'cost'}>> = {
	mode: 'COST',
	keys: [
		{scope: 'cost', keys: ['b'], action: 'budget', label: 'budget…', help: 'set budget', group: '', order: 2},
		{
			scope: 'cost',
			keys: ['r'],
			action: 'reached',
			label: 'when reached',
			help: 'change budget action',
			group: '',
			order: 3,
			needs: 'budget',
		},
		{scope: 'cost', keys: ['s'], action: 'sort', label: 'sort', help: 'change sort order', group: '', order: 4},
		{scope: 'cost', keys: ['e'], action: 'export', label: 'JSON', help: 'open JSON in editor', group: '', order: 5},
		{scope: 'cost', keys: ['esc', 'enter', 'c'], action: 'close', label: 'close', help: 'close', group: '', order: 9},
		{
			scope: 'cost',
			keys: ['u'],
			action: 'clear-rate-limit',
			label: 'retry now',
			help: 'retry rate-limited accounts',
			group: '',
			order: 1,
			needs: 'throttle',
		},
	],
	update: (state, dialog, {action}, context) => updateCost(state, dialog, action, context),
	Part: CostDialog,
};

export const BUDGET: DialogKind<Extract<Dialog, {kind: 'budget'}>> = {
	mode: 'BUDGET',
	keys: [
		{scope: 'budget', keys: ['enter'], action: 'set', label: 'set', help: 'set (0 for none)', group: '', order: 1},
		{scope: 'budget', keys: ['esc'], action: 'close', label: 'back', help: 'cancel', group: '', order: 2},
	],
	update: (state, dialog, {action, key, text}, context) => updateBudget(state, dialog, action, key, text, context),
	Part: BudgetDialog,
	paste: (state, dialog, text) => ({...state, dialog: {...dialog, text: insert(dialog.text, text)}}),
};
