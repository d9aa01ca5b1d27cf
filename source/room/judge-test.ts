import {isPass, type TestRun, tellRun} from '../core/test-run.ts';
import type {Blame} from '../core/train.ts';
import type {Ended} from './attempt.ts';

/** What is known for certain of an ended test run. */
export type TestEvidence = {
	readonly ended: Ended;
	/** Why the room itself ended it; '' where it ended by itself. */
	readonly endReason: string;
	/** What it reported of its candidate, the last run counts; and of what the candidate stands on, [] where that was not tested. */
	readonly runs: readonly TestRun[];
	readonly baseRuns: readonly TestRun[];
	readonly candidate: string;
	/** What a failure means where the car stands now. */
	readonly blame: Blame;
	/** What it stands on in words, such as `T-1` or `main at abc1234`. */
	readonly on: string;
	/** The base is known to fail its own tests. */
	readonly isBaseRed: boolean;
	/** How often in a row its tests were killed before. */
	readonly kills: number;
	readonly ejections: number;
	readonly flaky: number;
	/** File name of the run's log. */
	readonly log: string;
	/** The last lines of the candidate's run, oldest first. */
	readonly lastLines: readonly string[];
};

/**
 * passed: may land. ejected: back to its author, with the proof that the failure is its own. undecided: it stands in the train with a failure of which
 * it is not known whose it is. again: tested again, at no cost. killed: the same, bounded. red: so does the base without it. missing: there is no
 * test command. crashed: the run itself went wrong.
 */
export type TestVerdict = {
	readonly kind: 'passed' | 'ejected' | 'undecided' | 'again' | 'killed' | 'red' | 'missing' | 'crashed';
	readonly text: string;
	readonly feedback: string;
	readonly fields: Readonly<Record<string, string>>;
};

/** The program `test` exits with this when it could not run the tests at all. */
export const COULD_NOT_RUN = 75;

/** Tests that are killed from outside so often in a row are taken for failed. */
export const MOST_KILLS = 3;

const describeEnd = ({signal, exitCode}: Ended): string => (signal ? `killed by ${signal}` : `exit ${exitCode}`);

/** A candidate that is given up. */
const NO_CANDIDATE = {candidate: '', candidateBase: '', failedCandidate: ''} as const;

const failure = (evidence: TestEvidence, last: TestRun | undefined): TestVerdict => {
	const feedback = evidence.lastLines.join('\n');
	const how = last ? tellRun(last) : 'exit 1';
	const of = (kind: TestVerdict['kind'], text: string, fields: TestVerdict['fields']): TestVerdict => ({kind, text, feedback, fields});
	const ofBase = evidence.baseRuns.at(-1);
	const own = (): TestVerdict =>
		of('ejected', `tests failed (${how}), ${evidence.on} passes: ejected from the train`, {
			...NO_CANDIDATE,
			ejections: String(evidence.ejections + 1),
		});
	const undecided = (): TestVerdict =>
		of('undecided', `tests failed (${how}); whether it is to blame is known when ${evidence.on} is decided`, {
			failedCandidate: evidence.candidate,
		});
	if (evidence.blame === 'derailed') return of('again', `${evidence.on} is gone: its tests (${how}) say nothing`, NO_CANDIDATE);
	if (evidence.blame === 'undecided') return undecided();
	if (ofBase) {
		if (isPass(ofBase)) return own();
		if (ofBase.end === 'killed') return of('crashed', `the tests of ${evidence.on} were ${tellRun(ofBase)}`, NO_CANDIDATE);
		if (ofBase.end === 'missing') return of('missing', tellRun(ofBase), NO_CANDIDATE);
		if (evidence.blame === 'base') return of('red', `${evidence.on} fails its own tests: ${tellRun(ofBase)}`, NO_CANDIDATE);
	}
	if (evidence.blame === 'own') return own();
	if (evidence.isBaseRed) return of('red', `tests failed (${how}) on ${evidence.on}, which is red`, NO_CANDIDATE);
	// The base could not be looked at: the failure stands, and the next look is at the base alone.
	return undecided();
};

/**
 * Judges an ended test run. Nobody is ejected without the proof that what it was tested on passes; nothing that a neighbour, the base, a
 * missing command or the machine has done costs a task an attempt. Text on a screen is only ever quoted, never believed.
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
		if (evidence.blame === 'derailed') return of('again', `passed on ${evidence.on}, which is gone`, NO_CANDIDATE);
		const isFlaky = runs.length > 1;
		return of('passed', isFlaky ? 'tests passed (flaky: they failed once, then passed)' : 'tests passed', {
			failedCandidate: '',
			...(isFlaky ? {flaky: String(evidence.flaky + 1)} : {}),
		});
	}
	const isKilled = last?.end === 'killed';
	if (isKilled && evidence.kills + 1 < MOST_KILLS) return of('killed', `its tests were ${tellRun(last)}`, NO_CANDIDATE);
	if (!isKilled && (ended.signal !== '' || ended.exitCode === COULD_NOT_RUN))
		return of('crashed', `the test run could not finish: ${describeEnd(ended)}`, NO_CANDIDATE);
	const failed = failure(evidence, last);
	return {...failed, fields: {...ran, ...failed.fields}};
};
