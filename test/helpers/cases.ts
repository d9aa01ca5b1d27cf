import {test} from 'vitest';

/** `npm run soak -- --cases`: every case of a story, where `npm test` plays those that stand for the others. */
export const isWhole = process.env.TEST_CASES === 'all';

/** All cases of a whole run; else those that stand for the others. */
export const standingFor = <T>(cases: readonly T[], stands: (one: T) => boolean): readonly T[] => (isWhole ? cases : cases.filter(stands));

/** A test of the whole run alone: what it promises is proved by a shorter one too, or by the soak itself. */
export const testOfWhole = (title: string, run: () => Promise<void>, timeoutMs?: number): void => {
	if (isWhole) test(title, run, timeoutMs);
};
