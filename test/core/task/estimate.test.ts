import {describe, expect, test} from 'vitest';
import {foldSpending, paceOf, spentSince} from '../../../source/core/cost/spending.ts';
import {createEstimator, median, quantile} from '../../../source/core/task/estimate.ts';
import {parseTask, type Task} from '../../../source/core/task/task.ts';

const merged = (id: string, minutes: number, dollars: number, fields: Readonly<Record<string, string>> = {}): Task =>
	parseTask(id, {
		state: 'merged',
		startedAt: '1000',
		doneAt: String(1000 + minutes * 60_000),
		spent: String(dollars * 1_000_000),
		...fields,
	});
const some = (count: number, minutes: number, dollars: number, fields: Readonly<Record<string, string>> = {}): readonly Task[] =>
	Array.from({length: count}, (_, at) => merged(`${minutes}-${at}`, minutes, dollars, fields));
const ask = {role: 'developer', priority: 50, paths: []};

describe('an estimate', () => {
	test('is made of merged tasks of the same role alone, and there is none of fewer than three', () => {
		const tasks = [...some(2, 10, 1), ...some(9, 99, 9, {firstStage: 'document'}), parseTask('open', {state: 'ready'})];
		expect(createEstimator(tasks)(ask)).toBeUndefined();
		expect(createEstimator([...tasks, merged('third', 30, 4)])(ask)).toEqual({
			...{ms: 600_000, micros: 1_000_000, msHigh: 1_800_000, microsHigh: 4_000_000},
			...{count: 3, like: 'developer tasks'},
		});
	});

	test('prefers those that touch the same paths, then those of the same priority, where there are enough', () => {
		const tasks = [
			...some(9, 10, 1),
			...some(5, 20, 2, {paths: 'src/cart/**'}),
			...some(5, 40, 4, {priority: '95'}),
			...some(4, 80, 8, {paths: 'docs/**'}),
		];
		const estimate = createEstimator(tasks);
		expect(estimate({...ask, paths: ['src/cart/total.ts']})).toMatchObject({
			ms: 1_200_000,
			count: 5,
			like: 'developer tasks in src/cart/total.ts',
		});
		expect(estimate({...ask, priority: 92})).toMatchObject({ms: 2_400_000, like: 'P0 developer tasks'});
		expect(estimate({...ask, paths: ['docs/a.md'], priority: 10})).toMatchObject({count: 23, like: 'developer tasks'});
	});

	test('says nothing of money or of time where none is known', () => {
		expect(createEstimator(some(4, 10, 0))(ask)).toMatchObject({ms: 600_000, micros: 0});
		const old = some(4, 0, 2, {startedAt: '0'});
		expect(createEstimator(old)(ask)).toMatchObject({ms: 0, micros: 2_000_000});
	});

	test('takes the middle of an even number, and the ninth decile by rank', () => {
		expect([median([4, 1, 3, 2]), median([]), quantile([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 0.9), quantile([], 0.9)]).toEqual([
			2.5, 0, 90, 0,
		]);
	});
});

describe('what was spent lately', () => {
	const quarter = 900_000;
	const spending = foldSpending([], {quarters: '100:400 101:800 103:100'});

	test('since a moment counts the part of its quarter that comes after', () => {
		expect([spentSince(spending, 0), spentSince(spending, 101.5 * quarter), spentSince(spending, 104 * quarter)]).toEqual([1300, 500, 0]);
	});

	test('an hour is told by the last hour, and by its own time while that is younger', () => {
		const pace = (now: number, of = spending) => paceOf(of, now * quarter);
		expect(pace(104)).toEqual({perHour: 1300, overMs: 4 * quarter, isForecast: true});
		expect(pace(102)).toEqual({perHour: 2600, overMs: 2 * quarter, isForecast: true});
		const none = {perHour: 0, overMs: 0, isForecast: false};
		expect([pace(104, []), pace(500)]).toEqual([none, none]);
	});

	test('says nothing of an hour before a quarter of it, and forecasts from half of it with more than one burst', () => {
		const burst = foldSpending([], {quarters: '100:400'});
		expect(paceOf(burst, 100.5 * quarter)).toEqual({perHour: 0, overMs: quarter / 2, isForecast: false});
		expect(paceOf(burst, 101.5 * quarter)).toMatchObject({perHour: 1067, isForecast: false});
		expect(paceOf(burst, 102.5 * quarter)).toMatchObject({overMs: 2.5 * quarter, isForecast: false});
		const two = foldSpending([], {quarters: '100:400 101:100'});
		expect(paceOf(two, 101.9 * quarter)).toMatchObject({isForecast: false});
		expect(paceOf(two, 102.1 * quarter)).toMatchObject({isForecast: true});
		// What was an hour ago counts for nothing.
		expect(paceOf(two, 105.5 * quarter)).toMatchObject({perHour: 50, isForecast: false});
	});

	test('is folded entry by entry as it stands, said twice or not, and forgets what is older than a day and some hours', () => {
		const again = foldSpending(foldSpending(spending, {quarter: '103:250'}), {quarter: '103:250'});
		expect(again).toEqual(foldSpending([], {quarters: '100:400 101:800 103:250'}));
		expect(foldSpending(spending, {quarter: '214:5'})).toEqual([
			{quarter: 103, micros: 100},
			{quarter: 214, micros: 5},
		]);
		expect(foldSpending(spending, {spent: '9'})).toBe(spending);
		expect(foldSpending(spending, {quarters: 'nonsense'})).toEqual([]);
	});
});
