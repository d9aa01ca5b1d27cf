/** How much a program printed lately: bytes in each step of time, the last one `step` (counted from 1970). */
export type Activity = {readonly step: number; readonly bytes: readonly number[]};

export const STEP_MS = 30_000;
/** Three minutes. */
export const STEPS = 6;

export const NO_ACTIVITY: Activity = {step: 0, bytes: new Array<number>(STEPS).fill(0)};

/** The same bytes as seen at a later step: what is too old is dropped, what has not begun is 0. */
export const activityAt = ({step, bytes}: Activity, now: number): readonly number[] => {
	const gone = Math.max(0, now - step);
	return Array.from({length: STEPS}, (_, at) => bytes[at + gone] ?? 0);
};

/** With `more` bytes at `at`, epoch ms. */
export const withOutput = (before: Activity, at: number, more: number): Activity => {
	const step = Math.max(before.step, Math.floor(at / STEP_MS));
	const bytes = activityAt(before, step);
	return {step, bytes: bytes.map((sum, index) => (index === STEPS - 1 ? sum + more : sum))};
};
