import type {Config} from '../../core/config/config.ts';
import {amountsText, configuredBudget, isAsConfigured} from '../../core/cost/budget.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {pauseAgent} from '../orders/pause.ts';
import type {Room} from '../parts/parts.ts';

const BANNER = 'outside-budget';
const DIFFERS = 'budget-differs';

/** That the budget configured here is not the team's, which another room's configuration has set; '' otherwise, and once a human has set one. */
const differsText = ({budget: wanted}: Config, {control, agents}: Pick<TeamSnapshot, 'control' | 'agents'>, self: string): string => {
	const {budget, tokenBudget, budgetFrom, budgetRoom} = control;
	if (!wanted || budgetRoom === '' || budgetRoom === self || !isAsConfigured(control)) return '';
	const [micros, tokens] = [Math.round((wanted.usd ?? 0) * 1_000_000), wanted.tokens ?? 0];
	if (configuredBudget(micros, tokens, wanted.onReached) === budgetFrom) return '';
	const host = [...agents.values()].find(({room}) => room.startsWith(`${budgetRoom}:`))?.host ?? '';
	const whose = host === '' ? 'another room' : `the room on \`${cleanText(host, 40)}\``;
	const order = [
		...(wanted.usd === undefined ? [] : [`${wanted.usd}`]),
		...(tokens > 0 ? [`--tokens ${tokens % 1000 === 0 ? `${tokens / 1_000_000}M` : tokens}`] : []),
	].join(' ');
	const reached = wanted.onReached === undefined ? '' : ` --reached ${wanted.onReached}`;
	return `The team's budget is ${amountsText(budget, tokenBudget)}, configured by ${whose}; the ${amountsText(micros, tokens)} configured here are not in effect. To set them: \`agent-room budget ${order}${reached}\``;
};

/**
 * Says that another room's configuration has set the team's budget, where this one has another. And says, once it shows, which agents use tokens
 * of a model without a price: a budget in dollars cannot see them. With `outside: refuse` they are paused, once each. A budget in tokens sees them.
 */
export const watchBudget = (room: Room): (() => Promise<void>) => {
	const paused = new Set<string>();
	let told = '';
	return async () => {
		const {control, agents} = room.record.team();
		const differs = differsText(room.facts.config, {control, agents}, room.facts.self.name);
		if (differs !== told && differs !== '') room.facts.log(differs);
		told = differs;
		room.record.setBanner(DIFFERS, differs === '' ? undefined : {severity: 'warning', text: differs});
		const unpriced =
			control.budget > 0 && control.tokenBudget === 0
				? [...agents.values()].filter(
						({room: of, spent, tokensIn, tokensOut, status}) =>
							of === room.facts.roomId && spent === 0 && tokensIn + tokensOut > 0 && status !== 'stopped',
					)
				: [];
		const harnesses = [...new Set(unpriced.map(({harness}) => harness))].join(', ');
		const text = `${harnesses} tells no price: ${unpriced.length === 1 ? '1 agent is' : `${unpriced.length} agents are`} outside of the budget. Set \`prices\`, or limit tokens: \`agent-room budget --tokens 5M\``;
		room.record.setBanner(BANNER, unpriced.length > 0 ? {severity: 'warning', text} : undefined);
		if (room.facts.config.budget?.outside !== 'refuse') return;
		for (const {id} of unpriced) {
			if (paused.has(id)) continue;
			paused.add(id);
			await pauseAgent(room, id, true);
		}
	};
};
