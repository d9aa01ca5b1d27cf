import type {Departure, Report} from '../core/protocol.ts';

/** How the guardian's program reported. */
export type LandingReport = Extract<Report, {kind: 'result'}>;

/**
 * What a landing means for one of its cars. merged: its trailer is on the base. again: the base is elsewhere, so a new candidate is built and
 * tested, at no cost. aside: a person's files are in its way, so the others go on without it. hold: it waits where it stands. back: to where it
 * stood. unsafe: its candidate is not what it has to be, which counts.
 */
export type CarVerdict = {
	readonly task: string;
	readonly kind: 'merged' | 'again' | 'aside' | 'hold' | 'back' | 'unsafe';
	readonly text: string;
	/** The commit on the base, '' where there is none. */
	readonly landed: string;
};

/**
 * Judges a landing, car by car, head first. Only the trailer on the base counts as landed, whatever the program said or whoever killed it; so
 * a car is merged once or goes back, and none is both. `isAlone`: nothing else of the team waits to land, so nobody gains by setting it aside.
 */
export const judgeLanding = (
	cars: Departure['cars'],
	landed: ReadonlyMap<string, string>,
	report: LandingReport | undefined,
	{isAlone, ended}: {readonly isAlone: boolean; readonly ended: string},
): readonly CarVerdict[] => {
	const left = cars.filter(({task}) => !landed.has(task));
	const named = new Set(report?.tasks ?? []);
	const verdict = (task: string): Omit<CarVerdict, 'task' | 'landed'> => {
		const isFirst = left[0]?.task === task;
		const text = report?.text ?? '';
		switch (report?.outcome) {
			case 'moved':
				return {kind: 'again', text};
			case 'unsafe':
				return named.has(task) ? {kind: 'unsafe', text} : {kind: 'back', text: `behind ${[...named].join(', ')}`};
			case 'held':
				if (named.has(task) && !isAlone) return {kind: 'aside', text};
				return isFirst ? {kind: 'hold', text} : {kind: 'back', text: 'what stands before it waits'};
			case 'failed':
				return isFirst ? {kind: 'unsafe', text} : {kind: 'back', text: 'what stands before it did not land'};
			default:
				return {kind: 'back', text: `the landing did not finish: ${ended}`};
		}
	};
	return cars.map(({task}) => {
		const commit = landed.get(task);
		return commit === undefined ? {task, landed: '', ...verdict(task)} : {task, landed: commit, kind: 'merged', text: 'merged'};
	});
};
