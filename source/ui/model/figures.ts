import {nameIn} from '../../core/agent/agent.ts';
import type {AgentFigures, Figures} from '../../core/team/figures.ts';
import type {RoomSnapshot} from '../../store/room.ts';

type Judged = Pick<AgentFigures, 'merged' | 'sentBack' | 'failed'>;
export type Success = {readonly name: string; readonly of: Judged};

/** Merged work as a share of what was judged. */
export const shareOf = ({merged, sentBack, failed}: Judged): number => merged / Math.max(1, merged + sentBack + failed);
export const percentOf = (of: Judged): string => `${Math.round(shareOf(of) * 100)}%`;
export const judgedText = ({merged, sentBack, failed}: Judged): string => `${merged} merged, ${sentBack} back, ${failed} failed`;

const sumOf = (all: readonly AgentFigures[]): Judged => {
	const sum = (of: (one: AgentFigures) => number): number => all.reduce((whole, one) => whole + of(one), 0);
	return {merged: sum(one => one.merged), sentBack: sum(one => one.sentBack), failed: sum(one => one.failed)};
};

/** One row for each model, or program where the model is unknown, if there are several; then one for each agent with each model it used. */
export const successOf = ({agents}: Figures, {team}: Pick<RoomSnapshot, 'team'>): readonly Success[] => {
	const withOf = ({agent, model}: AgentFigures): string => model || (team.agents.get(agent)?.harness ?? '');
	const models = [...Map.groupBy(agents, withOf)].filter(([name]) => name !== '');
	return [
		...(models.length > 1 ? models.map(([name, all]) => ({name, of: sumOf(all)})) : []),
		...agents.map(of => ({name: `${nameIn(of.agent, team.agents)} ${withOf(of)}`.trimEnd(), of})),
	];
};
