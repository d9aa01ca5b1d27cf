import {expect, test} from 'vitest';
import {activityAt, NO_ACTIVITY, STEP_MS, withOutput} from '../../../source/core/text/activity.ts';

test('output counts in its step, and is dropped once it is old', () => {
	const at = 1000 * STEP_MS;
	const first = withOutput(withOutput(NO_ACTIVITY, at, 10), at + 1, 5);
	expect(activityAt(first, 1000)).toEqual([0, 0, 0, 0, 0, 15]);
	const later = withOutput(first, at + 2 * STEP_MS, 7);
	expect(activityAt(later, 1002)).toEqual([0, 0, 0, 15, 0, 7]);
	expect(activityAt(later, 1004)).toEqual([0, 15, 0, 7, 0, 0]);
	expect(activityAt(later, 2000)).toEqual([0, 0, 0, 0, 0, 0]);
	// A clock that is set back loses nothing.
	expect(activityAt(withOutput(later, at, 1), 1002)).toEqual([0, 0, 0, 15, 0, 8]);
});
