import type {Stage} from '../core/task.ts';

const JUDGES: readonly Stage[] = ['review', 'audit'];

/** What an agent is told when its turn is over and it has not said how its task stands; one line. */
export const reminder = (stage: Stage): string => {
	const done =
		stage === 'plan'
			? 'hand in the plan with `agent-room report plan FILE`'
			: JUDGES.includes(stage)
				? 'give your verdict: `agent-room report done --verdict approve`, or `--verdict changes --comments FILE`'
				: 'and everything that was asked for is committed, run `agent-room report done`';
	return `Your turn has ended, but the room has not heard how the task stands. Where you are finished, ${done}. Where you cannot go on, run \`agent-room report blocked "REASON"\`. Otherwise go on with the task.`;
};
