import type {RoomEvent} from '../event/event.ts';

/** A stretch of a task's life: in one stage with one agent, or waiting (`agent` ''). Times are epoch ms; `to` 0 while it lasts. */
export type TaskSpan = {
	readonly stage: string;
	readonly attempt: number;
	readonly agent: string;
	readonly from: number;
	readonly to: number;
};

const OVER = new Set(['merged', 'planned', 'failed', 'cancelled']);
const WRITES = new Set(['develop', 'document', 'resolve', 'plan']);

/** A task's life from its events, oldest first, without gaps. Attempts count where somebody writes; elsewhere they are 0. */
export const spansOf = (events: readonly RoomEvent[], id: string): readonly TaskSpan[] => {
	const spans: TaskSpan[] = [];
	let known: Readonly<Record<string, string>> = {};
	let attempt = 0;
	for (const {task, at, taskFields} of events) {
		if (task !== id) continue;
		const before = known;
		known = {...known, ...taskFields};
		const {state = '', stage = '', owner = ''} = known;
		if (state === '') continue;
		const isRunning = state === 'leased' && owner !== '';
		const isWriting = isRunning && WRITES.has(stage);
		const isSame = before.state === known.state && before.stage === known.stage && before.owner === known.owner;
		if (isSame) continue;
		const last = spans.at(-1);
		if (last && last.to === 0) spans[spans.length - 1] = {...last, to: at};
		if (OVER.has(state)) continue;
		if (isWriting) attempt++;
		const next = {stage: isRunning ? stage : 'queue', attempt: isWriting ? attempt : 0, agent: isRunning ? owner : ''};
		if (last && last.stage === next.stage && last.agent === next.agent && next.attempt === last.attempt)
			spans[spans.length - 1] = {...last, to: 0};
		else spans.push({...next, from: at, to: 0});
	}
	return spans;
};
