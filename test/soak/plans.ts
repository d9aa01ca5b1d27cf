import type {Plan, Rates} from './plan.ts';

/** So many tasks and more are a long run: many rooms, and the faults of minutes. Fewer tasks are broken more often, so that seconds hold them. */
const LONG = 2000;

const LONG_RATES: Rates = {
	killAgent: 6,
	killRoom: 1,
	stopRoom: 0.8,
	stopAgent: 1,
	killRedis: 0.15,
	cut: 0.8,
	mute: 0.5,
	hang: 0.3,
};
const SHORT_RATES: Rates = {killAgent: 4, killRoom: 0.5, stopRoom: 0.8, stopAgent: 1, killRedis: 0.25, cut: 0.8, mute: 0.5, hang: 0.2};

/** The plan of a run of so many tasks. */
export const planOf = (given: Pick<Plan, 'folder' | 'design' | 'tasks' | 'seed' | 'mutant'>): Plan => {
	const isLong = given.tasks >= LONG;
	return {
		...given,
		submitRate: isLong ? 80 : 40,
		rooms: isLong ? 10 : 4,
		leaseMs: isLong ? 1500 : 600,
		workMs: isLong ? [10, 200] : [5, 100],
		long: isLong ? 0.06 : 0.1,
		rates: isLong ? LONG_RATES : SHORT_RATES,
		chaosMs: isLong ? given.tasks * 150 : 20_000,
		peaceMs: given.mutant ? 30_000 : 300_000,
	};
};
