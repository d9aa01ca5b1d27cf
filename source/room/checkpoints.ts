import type {RoomEvent} from '../core/event.ts';
import type {Engine} from './engine.ts';

/** Redis is asked this often whether a checkpoint is wanted, in entries: it decides, for all rooms together. */
const ENTRIES_A_QUESTION = 200;

/** Keeps the record followable: at the start and as entries go by a checkpoint is written where one is wanted, never two at once by this room. */
export const keepingCheckpoints = (engine: Engine): ((events: readonly RoomEvent[]) => void) => {
	let entries = ENTRIES_A_QUESTION;
	let isBusy = false;
	return events => {
		entries += events.length;
		if (isBusy || entries < ENTRIES_A_QUESTION) return;
		entries = 0;
		isBusy = true;
		// A checkpoint that fails is made up for by the next: the record before it can be followed all the same.
		engine.coordination.record
			.keep()
			.catch(error => engine.log(`checkpoint: ${error instanceof Error ? error.message : String(error)}`))
			.finally(() => {
				isBusy = false;
			});
	};
};
