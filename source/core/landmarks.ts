import type {EventLine} from './output.ts';

/** What one looks for when looking back. `lost`: an agent died or fell silent; `orders`: paused, drained or frozen, or no longer. */
export const LANDMARKS = ['merged', 'dead', 'failed', 'lost', 'questions', 'orders'] as const;
export type Landmark = (typeof LANDMARKS)[number];

const BY_TYPE: Readonly<Record<string, Landmark>> = {
	task_merged: 'merged',
	task_dead: 'dead',
	task_failed: 'failed',
	task_asked: 'questions',
	control_changed: 'orders',
	budget_reached: 'orders',
};
const BY_STATUS: Readonly<Record<string, Landmark>> = {dead: 'lost', lost: 'lost', asks: 'questions'};

/** The landmark that an event is; undefined for the many that are none. */
export const landmarkOf = (event: EventLine): Landmark | undefined => BY_TYPE[event.type] ?? BY_STATUS[event.status];
