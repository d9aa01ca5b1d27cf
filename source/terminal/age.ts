import type {PaneAge} from '../core/pane-lines.ts';
import type {XtermCore} from './xterm-core.ts';

export type Age = {
	now(): PaneAge;
	/** Begins another era: rows have other numbers from now on. */
	next(): void;
};

/** Counts the rows that leave a screen upwards into the scrollback. */
export const createAge = (core: XtermCore): Age => {
	const service = core._bufferService;
	let era = 0;
	let rowsGone = 0;
	let {buffer} = service;
	service.onScroll(() => {
		// A change of buffer, and a full reset, come as a scroll.
		if (service.buffer !== buffer) {
			({buffer} = service);
			era++;
		} else if (buffer === service.buffers.normal && buffer.scrollTop === 0) rowsGone++;
	});
	return {now: () => ({era, rowsGone}), next: () => void era++};
};
