import type {Config} from '../../core/config/config.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {PlannedAgent} from './team.ts';

/** Agents whose spending no one tells: commands of your own and CLIs that report none, unless they call `report cost`. Programs of the room cost nothing. */
const isUnseen = ({program, cli}: PlannedAgent): boolean =>
	program === undefined && (cli === undefined || CLIS[cli]?.tellsNoUsage === true);

const agentsText = (count: number): string => (count === 1 ? '1 agent is' : `${count} agents are`);

/** Which agents a budget cannot see, as sentences; [] without a budget. */
export const outsideBudget = (config: Pick<Config, 'budget'>, team: readonly PlannedAgent[]): readonly string[] => {
	if (!config.budget) return [];
	const unseen = Map.groupBy(team.filter(isUnseen), ({harness}) => harness);
	return [...unseen].map(([harness, agents]) =>
		config.budget?.outside === 'refuse'
			? `\`${harness}\` tells no usage: ${agentsText(agents.length)} outside of the budget and not in the team (\`outside: refuse\`)`
			: `\`${harness}\` tells no usage: ${agentsText(agents.length)} outside of the budget, unless it calls \`agent-room report cost\``,
	);
};

/** The team that a budget allows: with `outside: refuse`, only agents whose spending it can see. */
export const withinBudget = <Agent extends PlannedAgent>(config: Pick<Config, 'budget'>, team: readonly Agent[]): readonly Agent[] =>
	config.budget?.outside === 'refuse' ? team.filter(agent => !isUnseen(agent)) : team;
