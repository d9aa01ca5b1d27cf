import {nextStep, placeOfExit} from '../../core/queue/batch.ts';
import type {Blame} from '../../core/queue/merge-queue.ts';
import {isPass, tellRun} from '../../core/task/test-run.ts';
import type {TestRun} from '../../core/task/test-run-schema.ts';
import {COULD_NOT_RUN} from '../../core/task/test-start.ts';
import type {QueueEntry} from '../../git/guardian/prefix.ts';
import type {Ended} from '../parts/attempt.ts';

/** The facts about an ended test run. */
export type TestEvidence = {
	readonly ended: Ended;
	/** Why the room ended it; '' if it ended by itself. */
	readonly endReason: string;
	/** Its reported runs of the candidate, of which the last counts, and of what the candidate is based on, [] if that was not tested. */
	readonly runs: readonly TestRun[];
	readonly baseRuns: readonly TestRun[];
	readonly candidate: string;
	/** `affected` was asked: without a report it is not known to have run all tests. */
	readonly hasAffected: boolean;
	/** The cause of a failure where the entry is now. */
	readonly blame: Blame;
	/** What it is based on in words, such as `T-1` or `main at abc1234`. */
	readonly on: string;
	readonly isBaseRed: boolean;
	/** How often in a row its tests were killed before. */
	readonly kills: number;
	/** The disk of the tests is full. */
	readonly isDiskFull: boolean;
	readonly removals: number;
	readonly flaky: number;
	/** File name of the run's log. */
	readonly log: string;
	/** The last lines of the candidate's run, oldest first. */
	readonly lastLines: readonly string[];
};

/**
 * passed: may merge. removed: returns to its author, with proof that it caused the failure. undecided: failed with an unknown cause; stays in the
 * merge queue. again: tested again, at no cost. killed: the same, a limited number of times. red: the base fails without it too. missing: there is
 * no test command. crashed: the run itself failed.
 */
export type TestVerdict = {
	readonly kind: 'passed' | 'removed' | 'undecided' | 'again' | 'killed' | 'red' | 'missing' | 'crashed';
	readonly text: string;
	readonly feedback: string;
	readonly fields: Readonly<Record<string, string>>;
};

/** Tests killed from outside this often in a row count as failed. */
export const MOST_KILLS = 3;

const describeEnd = ({signal, exitCode}: Ended): string => (signal ? `killed by ${signal}` : `exit ${exitCode}`);

const FLAKY = ' (flaky: they failed once, then passed)';

/** What ran, in words: what is said of the base must be no more than that. */
const testsOf = (isAffected: boolean): string => (isAffected ? 'affected tests' : 'tests');

const NO_CANDIDATE = {candidate: '', candidateBase: '', failedCandidate: '', batch: '0'} as const;

const failure = (evidence: TestEvidence, last: TestRun | undefined): TestVerdict => {
	const feedback = evidence.lastLines.join('\n');
	const how = last ? tellRun(last) : 'exit 1';
	const of = (kind: TestVerdict['kind'], text: string, fields: TestVerdict['fields']): TestVerdict => ({kind, text, feedback, fields});
	const ofBase = evidence.baseRuns.at(-1);
	const own = (): TestVerdict =>
		of('removed', `tests failed (${how}), ${evidence.on} passes: removed from the merge queue`, {
			...NO_CANDIDATE,
			removals: String(evidence.removals + 1),
		});
	const undecided = (): TestVerdict =>
		of('undecided', `tests failed (${how}); waiting for ${evidence.on} ahead to find the cause`, {
			failedCandidate: evidence.candidate,
		});
	if (evidence.blame === 'outdated') return of('again', `${evidence.on} is outdated: test result ignored (${how})`, NO_CANDIDATE);
	if (evidence.blame === 'undecided') return undecided();
	if (ofBase) {
		if (isPass(ofBase)) return own();
		if (ofBase.end === 'killed') return of('crashed', `the tests of ${evidence.on} were ${tellRun(ofBase)}`, NO_CANDIDATE);
		if (ofBase.end === 'missing') return of('missing', tellRun(ofBase), NO_CANDIDATE);
		if (evidence.blame === 'base') return of('red', `${evidence.on} fails its own tests: ${tellRun(ofBase)}`, NO_CANDIDATE);
	}
	if (evidence.blame === 'own') return own();
	if (evidence.isBaseRed) return of('red', `tests failed (${how}) on ${evidence.on}, which is failing`, NO_CANDIDATE);
	// The base could not be tested: the failure stays, and next time only the base is tested.
	return undecided();
};

/**
 * Judges an ended test run. Guarantee: no task is removed without proof that its base passes; a failure caused by another entry, the base, a missing
 * command or the machine costs no attempt. Text on a screen is only quoted, never believed.
 */
export const judgeTest = (evidence: TestEvidence): TestVerdict => {
	const {ended, runs} = evidence;
	const last = runs.at(-1);
	const ran: Record<string, string> = last ? {testMs: String(Math.round(last.ms)), testExit: String(last.exit), testLog: evidence.log} : {};
	const of = (kind: TestVerdict['kind'], text: string, fields: TestVerdict['fields']): TestVerdict => ({
		kind,
		text,
		feedback: '',
		fields: {...ran, ...fields},
	});
	if (evidence.endReason !== '') return of('again', evidence.endReason, NO_CANDIDATE);
	if (ended.signal === '' && ended.exitCode === 0) {
		if (evidence.blame === 'outdated') return of('again', `passed on ${evidence.on}, which is outdated`, NO_CANDIDATE);
		const isFlaky = runs.length > 1;
		const isAffected = last === undefined ? evidence.hasAffected : last.isAffected === true;
		return of('passed', `${testsOf(isAffected)} passed${isFlaky ? FLAKY : ''}`, {
			...{failedCandidate: '', testedCommit: evidence.candidate, batch: '0', testedWith: isAffected ? 'affected' : ''},
			...(isFlaky ? {flaky: String(evidence.flaky + 1)} : {}),
		});
	}
	const isKilled = last?.end === 'killed';
	if (isKilled && evidence.kills + 1 < MOST_KILLS) return of('killed', `its tests were ${tellRun(last)}`, NO_CANDIDATE);
	// The program reports every run: without a report no test ran, whatever its exit code.
	const hasRun = last !== undefined || evidence.baseRuns.length > 0;
	if (!isKilled && (ended.signal !== '' || ended.exitCode === COULD_NOT_RUN || !hasRun))
		return of('crashed', `the test run could not finish: ${describeEnd(ended)}`, NO_CANDIDATE);
	if (evidence.isDiskFull)
		return of('crashed', `the disk has no space left: test result ignored (${last ? tellRun(last) : describeEnd(ended)})`, NO_CANDIDATE);
	const failed = failure(evidence, last);
	return {...failed, fields: {...ran, ...failed.fields}};
};

/** The facts about the ended run of a batch. */
export type BatchEvidence = {
	/** Its entries in order, each based on the one before. */
	readonly entries: readonly QueueEntry[];
	/** The reported runs of each, [] for none. */
	readonly runs: ReadonlyArray<readonly TestRun[]>;
	/** Which places are known to pass or fail. */
	readonly results: ReadonlyMap<number, boolean>;
	/** The facts about the first entry, and about the one that was found to fail. */
	readonly first: TestEvidence;
	readonly failing: TestEvidence;
};

/** Up to which place the run has passed: by what its program said itself, and by its report. */
const provenPlace = ({entries, results, first: {ended}}: BatchEvidence): number => {
	const place = ended.signal === '' ? placeOfExit(entries.length, ended.exitCode) : 0;
	return place === entries.length || results.get(place) ? place : 0;
};

/** Nothing is known about the entries of a run that ended before it was found which one fails. */
const unfinished = ({runs, first}: BatchEvidence): TestVerdict => {
	const killed = runs.find(each => each.at(-1)?.end === 'killed');
	return judgeTest({...first, runs: killed ?? [], baseRuns: []});
};

/**
 * Judges the ended run of a batch, entry by entry. Guarantee: entries pass only up to a commit whose tests passed, and only the one is removed
 * that fails on what passes. All others are tested again, at no cost.
 */
export const judgeBatch = (evidence: BatchEvidence): readonly TestVerdict[] => {
	const {entries, runs, results, first, failing} = evidence;
	if (first.endReason !== '' || first.blame === 'outdated') return entries.map(() => judgeTest({...first, baseRuns: []}));
	const passed = provenPlace(evidence);
	const step = nextStep(entries.length, results);
	const found = step.kind === 'found' && step.place === passed + 1 ? step.place : 0;
	const last = runs[passed - 1] ?? [];
	const run = last.at(-1);
	const isAffected = run === undefined ? first.hasAffected : run.isAffected === true;
	const pass = (place: number): TestVerdict => {
		const isFlaky = place === passed && last.length > 1;
		const others = passed === 1 ? '' : `, together with ${passed - 1} other${passed === 2 ? '' : 's'}`;
		return {
			kind: 'passed',
			text: `${testsOf(isAffected)} passed${isFlaky ? FLAKY : ''}${others}`,
			feedback: '',
			fields: {
				...{failedCandidate: '', testedCommit: entries[passed - 1]?.candidate ?? '', batch: passed > 1 ? String(passed) : '0'},
				testedWith: isAffected ? 'affected' : '',
				...(run ? {testMs: String(Math.round(run.ms)), testExit: String(run.exit), testLog: first.log} : {}),
			},
		};
	};
	const culprit =
		found === 0 ? unfinished(evidence) : judgeTest(found === 1 ? first : {...failing, blame: 'own', baseRuns: runs[passed - 1] ?? []});
	const again: TestVerdict =
		found === 0
			? culprit
			: {
					kind: 'again',
					text: `tested together with ${entries[found - 1]?.task}, which failed: retested`,
					feedback: '',
					fields: NO_CANDIDATE,
				};
	return entries.map((_, at) => (at < passed ? pass(at + 1) : at + 1 === found ? culprit : again));
};
