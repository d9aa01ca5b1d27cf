import {createFigureSum, type FigureSum, type Figures} from '../../core/team/figures.ts';
import type {Room} from '../parts/parts.ts';

const ENTRIES_A_READ = 1000;

/** Sums the event log up while somebody looks: the whole of it once, later only what is new. */
export const createFigures = ({link, record}: Pick<Room, 'link' | 'record'>): (() => Promise<Figures>) => {
	let [sum, since]: [FigureSum, string] = [createFigureSum(), '0-0'];
	let reading: Promise<void> = Promise.resolve();
	const read = async (): Promise<void> => {
		for (;;) {
			const some = await link.coordination.events(since, ENTRIES_A_READ);
			sum.add(some);
			since = some.at(-1)?.id ?? since;
			if (some.length < ENTRIES_A_READ) return;
		}
	};
	return async () => {
		// One at a time: no event is counted twice.
		reading = reading.catch(() => undefined).then(read);
		await reading;
		const {ready, blocked, delayed} = record.team().counts;
		return sum.figures(record.serverNow(), ready + blocked + delayed);
	};
};
