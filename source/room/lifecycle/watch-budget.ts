import {pauseAgent} from '../orders/pause.ts';
import type {Room} from '../parts/parts.ts';

const BANNER = 'outside-budget';

/**
 * Says, once it shows, which agents use tokens of a model without a price: a budget in dollars cannot see them. With `outside: refuse` they are
 * paused, once each. A budget in tokens sees them.
 */
export const watchBudget = (room: Room): (() => Promise<void>) => {
	const paused = new Set<string>();
	return async () => {
		const {control, agents} = room.record.team();
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
