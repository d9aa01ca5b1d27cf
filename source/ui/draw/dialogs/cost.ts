import {agentName} from '../../../core/agent.ts';
import {tellBrake} from '../../../core/brake-words.ts';
import {type CostLine, costLine, tokensText, unpriced} from '../../../core/cost.ts';
import {dollars} from '../../../core/money.ts';
import {age} from '../../model/ages.ts';
import {brakesNow} from '../../state/choices.ts';
import {type Drawing, teamNow} from '../context.ts';
import {cell, cut, fill, type Line, said, span, wrap} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const BAR = 24;

/** `$18.42 of $50.00  █████████░░░  37%`, where there is a budget. */
const totalLine = ({spent, budget}: CostLine, inner: number): Line => {
	if (budget === 0) return [span(`  ${dollars(spent)}`, 'strong'), span('  no budget: agent-room budget USD sets one', 'dim')];
	const share = Math.min(1, spent / budget);
	const filled = Math.round(share * BAR);
	const bar = inner >= 60 ? `  ${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}` : '';
	const tone = share >= 1 ? ('dead' as const) : share >= 0.8 ? ('warning' as const) : ('plain' as const);
	return [span(`  ${dollars(spent)}`, 'strong'), span(` of ${dollars(budget)}`), span(`${bar}  ${Math.floor(share * 100)}%`, tone)];
};

type Used = {readonly id: string; readonly spent: number; readonly tokensIn: number; readonly tokensOut: number};

/** One column: its title, then the dearest, each with its money, or its tokens where no price is known. */
const column = (title: string, rows: readonly Used[], columns: number, most: number): readonly Line[] => [
	fill([span(title, 'dim')], columns),
	...rows.slice(0, most).map((row): Line => {
		const amount = row.spent > 0 ? dollars(row.spent) : `${tokensText(row.tokensIn + row.tokensOut)} tok`;
		return fill([span(`${cell(agentName(row.id), Math.max(4, columns - 11))} `), span(amount.padStart(8))], columns);
	}),
];

/** What was used up, in all and by whom, and which accounts wait. */
export const costDialog = (drawing: Drawing): DialogContent => {
	const {snapshot, layout, now} = drawing;
	const {team} = snapshot;
	const width = Math.min(76, layout.columns - 2);
	const inner = width - 2;
	const cost = costLine(
		{at: teamNow(drawing), control: team.control, agents: [...team.agents.values()], features: [...team.features.values()]},
		[...team.tasks.values()],
	);
	const isSmall = layout.rows < 20;
	const parts = [
		['by task', cost.tasks],
		['by agent', cost.agents],
		...(cost.features.length > 0 ? ([['by feature', cost.features]] as const) : []),
	] as const;
	const shown = inner >= 60 ? parts : parts.slice(0, inner >= 40 ? 2 : 1);
	const columns = Math.floor((inner - 2) / shown.length);
	const most = isSmall ? 4 : Math.min(12, Math.max(4, layout.rows - 16));
	const blocks = shown.map(([title, rows]) => column(title, rows, columns, most));
	const height = Math.max(...blocks.map(block => block.length));
	const table = Array.from({length: height}, (_, row): Line => [span('  '), ...blocks.flatMap(block => block[row] ?? fill([], columns))]);
	const brakes = brakesNow(snapshot, now).map(
		(brake): Line => [
			span('  ‖ ', 'paused'),
			span(cut(`${tellBrake(brake)}, ${age(brake.until - teamNow(drawing))} more`, inner - 6), 'paused'),
		],
	);
	const without = unpriced(cost);
	const notes = [
		...(without.length > 0 ? [`No price is known for the model of ${without.join(', ')}: \`prices\` in agent-room.yaml.`] : []),
		"Agents' own estimates, or tokens by list price; not the bill.",
	];
	const gap: readonly Line[] = isSmall ? [] : [[]];
	const isNothing = cost.tasks.length + cost.agents.length === 0;
	return {
		title: [span('Cost', 'strong')],
		lines: [
			...gap,
			totalLine(cost, inner),
			[span(`  ${tokensText(cost.tokensIn)} tokens in, ${tokensText(cost.tokensOut)} out`, 'dim')],
			...gap,
			...(isNothing ? [[span('  Nothing was used up yet, or no agent told of it.', 'dim')] as Line] : table),
			...(brakes.length > 0 ? [...gap, ...brakes] : []),
			...gap,
			...notes.flatMap(note => wrap(said(note), inner - 4, 2).map((row): Line => [span(`  ${row}`, 'dim')])),
			...gap,
		],
		selected: -1,
		width,
		isHeavy: true,
	};
};
