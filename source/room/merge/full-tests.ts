import type {RoomEvent} from '../../core/event/event.ts';
import {
	type FullResult,
	type FullStep,
	fullTestsText,
	nextFullTest,
	scheduleOf,
	stateOf,
	takeFullResult,
} from '../../core/queue/full-tests.ts';
import {isTested} from '../../core/queue/merge-queue.ts';
import type {FullTests} from '../../core/team/full-tests.ts';
import {takenSince} from '../../git/guardian/since.ts';
import {gitLine} from '../../git/process/run.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Room} from '../parts/parts.ts';
import {isBaseJudged} from './base.ts';
import {type FullRun, startFullRun} from './full-run.ts';

/** Candidates go first for this long, ms: then a run that is due starts beside their tests. */
const BUSY_MS = 600_000;
/** Rest after a run that could not finish, and its most, ms. */
const REST_MS = 60_000;
const LONGEST_REST_MS = 900_000;
const BANNER = 'base-tests';
const RED_BANNER = 'base-fails-all-tests';

/** Runs all tests on the base, for the room that leads. */
export type FullTestsWatch = {
	/** Starts what is due, ends what may not run any more. */
	look(): Promise<void>;
	/** Looks at once if these may have made a run due. */
	heard(events: readonly RoomEvent[]): void;
	isRunning(): boolean;
};

type Running = {readonly run: FullRun; readonly was: string; readonly commit: string};

/** Shows a base that fails all tests on every screen, with the merge that broke it. */
export const showFullRed = ({facts, record}: Pick<Room, 'facts' | 'record'>): void => {
	const {fullTests} = record.team().control;
	const next =
		fullTests.task === ''
			? fullTests.found === ''
				? ''
				: ' Revert it with git, or fix it.'
			: ` \`H\` on the merge page or \`agent-room revert ${fullTests.task}\` reverts it.`;
	record.setBanner(
		RED_BANNER,
		fullTests.failed === '' ? undefined : {severity: 'error', text: `${facts.base} ${fullTestsText(fullTests)}.${next}`},
	);
};

/** The task that merged as this commit, '' for a commit of somebody else. */
const taskOf = async ({facts, link, record}: Pick<Room, 'facts' | 'link' | 'record'>, commit: string): Promise<string> => {
	const known = [...record.team().tasks.values()].find(({mergedCommit}) => mergedCommit === commit);
	if (known) return known.id;
	// Older than the room's memory: the commit names it, and Redis says whether that is true.
	const args = ['log', '-1', '--format=%(trailers:key=Room-Task,valueonly,separator=%x20)', '--end-of-options', commit, '--'];
	const [named = ''] = (await gitLine(facts.guardian.folder, args)).split(' ');
	const task = /^[\w.-]{1,120}$/.test(named) ? await link.coordination.task(named) : undefined;
	return task?.mergedCommit === commit ? task.id : '';
};

/** Whether the tests that let this commit merge were all tests. */
const wasTestedWhole = ({facts, record}: Pick<Room, 'facts' | 'record'>, commit: string): boolean =>
	facts.config.affected !== undefined &&
	[...record.team().tasks.values()].some(task => task.candidate === commit && isTested(task) && task.testedWith === '' && task.batch > 1);

export const watchFullTests = (room: Room): FullTestsWatch => {
	const {facts, record, lead, link, lifecycle} = room;
	let running: Running | undefined;
	let notBefore = Number.NEGATIVE_INFINITY;
	let failures = 0;
	let dueSince: number | undefined;
	let line: {readonly key: string; readonly since: readonly string[] | undefined} | undefined;

	const sinceOf = async ({passed}: FullTests, head: string): Promise<readonly string[] | undefined> => {
		const key = `${passed} ${head}`;
		if (line?.key !== key) line = {key, since: passed === '' ? undefined : await takenSince(facts.guardian.folder, passed, head)};
		return line.since;
	};

	const write = async (was: string, full: FullTests, result: FullResult, isSearch: boolean): Promise<void> => {
		const since = await sinceOf(full, record.baseCommit());
		const take = (task: string) => takeFullResult({full, since}, result, {isSearch, base: facts.base, taskOf: () => task});
		const {fullFound: found = ''} = take('').fields;
		const change = take(found === '' ? '' : await taskOf(room, found));
		await link.retryUntilWritten(() => lead.as(() => link.coordination.noteBaseTests({...change, text: cleanText(change.text, 300), was})));
	};

	/** Nothing of a run counts that ended because it was stopped, or could not run. */
	const finish = async ({run, was, commit}: Running, full: FullTests, isSearch: boolean): Promise<void> => {
		const {end, why} = await run.ended;
		running = undefined;
		record.setFullRun('');
		if (!lifecycle.isOpen() || !lead.isOurs() || stateOf(record.team().control.fullTests) !== was) return;
		if (end === 'unfinished') {
			failures += 1;
			notBefore = performance.now() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** (failures - 1));
			const text = `The full tests of ${facts.base} could not run: ${why}. agent-room tries again; \`agent-room logs base\` shows the output.`;
			record.setBanner(BANNER, {severity: 'warning', text});
			return;
		}
		failures = 0;
		record.setBanner(BANNER, undefined);
		await write(was, full, {commit, end, why}, isSearch);
		lifecycle.requestTick();
	};

	const start = async (step: Extract<FullStep, {kind: 'test'}>, full: FullTests): Promise<void> => {
		const run = await startFullRun(room, step.commit);
		const now = {run, was: stateOf(full), commit: step.commit};
		running = now;
		record.setFullRun(`${step.isSearch ? 'searching: full tests' : 'full tests'} at ${step.commit.slice(0, 7)}`);
		finish(now, full, step.isSearch).catch(error => facts.log(`the tests of ${facts.base}: ${String(error)}`));
	};

	const look = async (): Promise<void> => {
		const {control, tasks} = record.team();
		const full = control.fullTests;
		const mayRun =
			lifecycle.isOpen() &&
			lead.isOurs() &&
			link.isConnected() &&
			!link.isRecovering() &&
			facts.config.test !== undefined &&
			!control.frozen &&
			control.stray === '';
		if (running) {
			if (!mayRun || stateOf(full) !== running.was) await running.run.stop();
			return;
		}
		if (!mayRun || control.paused || performance.now() < notBefore || !isBaseJudged(room)) return;
		const head = record.baseCommit();
		const since = await sinceOf(full, head);
		if (head !== '' && head !== full.passed && full.failed === '' && wasTestedWhole(room, head)) {
			await write(stateOf(full), full, {commit: head, end: 'passed', why: ''}, false);
			return;
		}
		const step = nextFullTest({full, schedule: scheduleOf(facts.config), head, since, now: record.serverNow()});
		if (step.kind === 'none') {
			dueSince = undefined;
			return;
		}
		const isBusy = [...tasks.values()].some(({stage, state}) => stage === 'test' && (state === 'ready' || state === 'leased'));
		dueSince ??= performance.now();
		if (isBusy && performance.now() - dueSince < BUSY_MS) return;
		dueSince = undefined;
		await start(step, full).catch(error => {
			failures += 1;
			notBefore = performance.now() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** (failures - 1));
			throw error;
		});
	};

	let looking: Promise<void> | undefined;
	/** One at a time: two would start two runs. */
	const lookOnce = (): Promise<void> => {
		looking ??= look().finally(() => {
			looking = undefined;
		});
		return looking;
	};
	return {
		look: lookOnce,
		heard: events => {
			const isNews = ({type, controlFields}: RoomEvent): boolean => type === 'task_merged' || Object.keys(controlFields).length > 0;
			if (events.some(isNews)) lookOnce().catch(error => facts.log(`the tests of ${facts.base}: ${String(error)}`));
		},
		isRunning: () => running !== undefined,
	};
};
