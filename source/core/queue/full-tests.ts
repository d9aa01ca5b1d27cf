import {FULL_FIELDS, type FullChange, type FullTests} from '../team/full-tests.ts';
import {formatAge, readDuration} from '../text/format.ts';
import {nextStep} from './batch.ts';

/** When all tests run although `affected` chooses some for each candidate: `off`, `batch`, `10 merges`, `1h`. */
export const FULL_TESTS = /^(?:batch|[1-9]\d{0,3} merges?|\d{1,6}(?:ms|s|m|h))$/;

/** Read from the configuration; 0 for never. */
export type Schedule = {
	/** A test run of several entries runs all tests. */
	readonly batches: boolean;
	/** All tests run on the base after so many merges, and after this time if anything has merged, ms. */
	readonly merges: number;
	readonly everyMs: number;
};

const OFTEN: Schedule = {batches: false, merges: 10, everyMs: 0};

type Chosen = {readonly affected?: string | undefined; readonly fullTests?: string | readonly string[] | undefined};

/** As configured; by default after ten merges where `affected` leaves tests out, else never. */
export const scheduleOf = ({affected, fullTests}: Chosen): Schedule => {
	if (fullTests === undefined) return affected === undefined ? {...OFTEN, merges: 0} : OFTEN;
	const words = [fullTests].flat();
	const merges = words.flatMap(word => Number(/^(\d+) merges?$/.exec(word)?.[1] ?? 0)).filter(count => count > 0);
	const spans = words.flatMap(word => readDuration(word) ?? 0).filter(ms => ms > 0);
	return {
		batches: words.includes('batch'),
		merges: merges.length > 0 ? Math.min(...merges) : 0,
		everyMs: spans.length > 0 ? Math.min(...spans) : 0,
	};
};

/** Whether a test run of so many entries runs all tests. */
export const runsAllTests = (config: Chosen, entries: number): boolean => entries > 1 && scheduleOf(config).batches;

/** What a run was started for: nothing of it is written once another has written. */
export const stateOf = ({passed, tested, failed, steps}: FullTests): string => [passed, tested, failed, steps].join(' ');

const resultsIn = (line: readonly string[], steps: string): ReadonlyMap<number, boolean> =>
	new Map(
		steps
			.split(' ')
			.map(step => [line.indexOf(step.slice(1)) + 1, step.startsWith('+')] as const)
			.filter(([place]) => place > 0),
	);

/** The search for the merge that broke the base, between the last pass and the first known failure; undefined if there is none to search. */
const searchStep = ({failed, found, steps}: FullTests, since: readonly string[] | undefined) => {
	const end = failed === '' || found !== '' ? -1 : (since?.indexOf(failed) ?? -1);
	const line = since?.slice(0, end + 1) ?? [];
	if (end === -1) return undefined;
	const step = nextStep(line.length, new Map([...resultsIn(line, steps), [line.length, false]]));
	return step.kind === 'passed' ? undefined : {kind: step.kind, commit: line[step.place - 1] ?? '', merges: line.length};
};

export type FullFacts = {
	readonly full: FullTests;
	readonly schedule: Schedule;
	/** The base's commit, and those that it took since `full.passed`, oldest first, with `head` last; undefined if that is not on its line. */
	readonly head: string;
	readonly since: readonly string[] | undefined;
	/** Server time. */
	readonly now: number;
};

/** The next run of all tests: of the base's commit, or of one of its merges in search of the one that broke it. */
export type FullStep = {readonly kind: 'none'} | {readonly kind: 'test'; readonly commit: string; readonly isSearch: boolean};

const NONE: FullStep = {kind: 'none'};

/**
 * Decides the next run. A search comes first; then, on a failing base, each move of it, since that may be the fix; else what the schedule
 * says. The base is also tested once where no pass is known: a later failure is searched from there.
 */
export const nextFullTest = ({full, schedule, head, since, now}: FullFacts): FullStep => {
	if (head === '' || (schedule.merges === 0 && schedule.everyMs === 0)) return NONE;
	const step = searchStep(full, since);
	if (step?.kind === 'test') return {kind: 'test', commit: step.commit, isSearch: true};
	if (head === full.tested || head === full.passed) return NONE;
	const isDue =
		full.failed !== '' ||
		since === undefined ||
		(schedule.merges > 0 && since.length >= schedule.merges) ||
		(schedule.everyMs > 0 && now - full.testedAt >= schedule.everyMs);
	return isDue ? {kind: 'test', commit: head, isSearch: false} : NONE;
};

/** How a run ended: `flaky` failed first and passed when it was run once more. */
export type FullResult = {readonly commit: string; readonly end: 'passed' | 'flaky' | 'failed'; readonly why: string};

const fieldsOf = (changes: Partial<Record<keyof typeof FULL_FIELDS, string>>): Readonly<Record<string, string>> =>
	Object.fromEntries(Object.entries(changes).map(([name, value]) => [FULL_FIELDS[name as keyof typeof FULL_FIELDS], value]));

const short = (commit: string): string => commit.slice(0, 7);

const PASSING = {failed: '', why: '', found: '', task: '', steps: ''} as const;

/** `T-3, merged as 1f2e3d4`, or `commit 1f2e3d4`. */
export const breakerText = ({found, task}: Pick<FullTests, 'found' | 'task'>): string =>
	task === '' ? `commit ${short(found)}` : `${task}, merged as ${short(found)}`;

/** What all tests say about the base, as the rest of a sentence that starts with its name; '' while they pass. */
export const fullTestsText = (full: FullTests): string => {
	if (full.failed === '') return '';
	const how = `fails its full tests at ${short(full.tested)}${full.why === '' ? '' : ` (${full.why})`}`;
	if (full.found !== '') return `${how} since ${breakerText(full)}`;
	return full.passed === '' ? how : `${how}; they passed at ${short(full.passed)}: searching for the merge that broke it`;
};

/**
 * Takes the result of a run that `nextFullTest` asked for. `taskOf`: the task that merged as a commit, '' for none; `base`: the branch.
 * Guarantee: a merge is named only if all tests fail on it and passed on the one before it, each time run twice.
 */
export const takeFullResult = (
	{full, since}: Pick<FullFacts, 'full' | 'since'>,
	{commit, end, why}: FullResult,
	{isSearch, base, taskOf}: {readonly isSearch: boolean; readonly base: string; readonly taskOf: (commit: string) => string},
): FullChange => {
	const isPass = end !== 'failed';
	const named = (next: FullTests): Pick<FullTests, 'found' | 'task'> => {
		const step = searchStep(next, since);
		return step?.kind === 'found' ? {found: step.commit, task: taskOf(step.commit)} : {found: '', task: ''};
	};
	if (isSearch) {
		const steps = `${full.steps} ${isPass ? '+' : '-'}${commit}`.trim();
		const {found, task} = named({...full, steps});
		const text =
			found === ''
				? `the full tests ${isPass ? 'pass' : 'fail'} at ${short(commit)}: still searching for the merge that broke ${base}`
				: `${base} fails its full tests since ${breakerText({found, task})}`;
		return {type: found === '' ? 'base_tested' : 'base_failing', task, text, fields: fieldsOf({steps, found, task})};
	}
	if (isPass) {
		const again = full.failed === '' ? '' : ' again';
		return {
			type: end === 'flaky' ? 'test_flaky' : 'base_tested',
			task: '',
			text:
				end === 'flaky'
					? `the full tests of ${base} at ${short(commit)} failed once, then passed`
					: `${base} passes its full tests${again} at ${short(commit)}`,
			fields: fieldsOf({...PASSING, passed: commit, tested: commit}),
		};
	}
	if (full.failed !== '')
		return {
			type: 'base_tested',
			task: '',
			text: `${base} still fails its full tests at ${short(commit)}`,
			fields: fieldsOf({tested: commit, why}),
		};
	const next = {...full, tested: commit, failed: commit, why, steps: '', found: '', task: ''};
	const {found, task} = named(next);
	return {
		...{type: 'base_failing', task, text: `${base} ${fullTestsText({...next, found, task})}`},
		fields: fieldsOf({tested: commit, failed: commit, why, steps: '', found, task}),
	};
};

/** When the base was tested last, in words; '' if it never was. */
export const lastFullText = ({passed, testedAt}: FullTests, now: number): string =>
	passed === '' ? '' : `full tests passed at ${short(passed)}, ${formatAge(now - testedAt)} ago`;
