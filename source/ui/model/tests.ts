import {median} from '../../core/task/estimate.ts';
import {remember} from './time.ts';

/** Runs considered, newest first. */
const MOST = 20;

/** How long the tests of a merge usually take, ms: the median of the last runs that passed; 0 before the first. */
export const usualTestMs = remember(({team}): number =>
	median(
		[...team.tasks.values()]
			.filter(({testExit, testMs}) => testExit === 0 && testMs > 0)
			.sort((a, b) => b.updatedAt - a.updatedAt)
			.slice(0, MOST)
			.map(({testMs}) => testMs),
	),
);
