import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import pLimit from 'p-limit';
import {STRAY_MOVES, strayText} from '../../core/queue/stray.ts';
import type {Task} from '../../core/task/task.ts';
import {areInTheWay} from '../../git/guardian/move-base.ts';
import {removeTestTree} from '../../git/guardian/test-tree.ts';
import {slug} from '../../git/process/names.ts';
import type {TrialTree} from '../../store/room.ts';
import {hasCandidate, wasTried} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {isTeam} from '../remote/share.ts';

/** What stood aside may land now: its turn comes again. */
const letBack = ({merges, lifecycle}: Pick<Room, 'merges' | 'lifecycle'>, task: string): void => {
	merges.mergeQueue.blockedByChanges.delete(task);
	merges.notBefore.delete(task);
	lifecycle.requestTick();
};

/** Looks whether a person's files are still in the way of those that were set aside for them, and forgets what no task waits for any more. */
export const watchBlocked = async (room: Pick<Room, 'facts' | 'record' | 'merges' | 'lifecycle'>): Promise<void> => {
	const {tasks} = room.record.team();
	for (const [task, {files, base}] of room.merges.mergeQueue.blockedByChanges) {
		const stage = tasks.get(task)?.stage;
		if (stage !== 'test' && stage !== 'merge') room.merges.mergeQueue.blockedByChanges.delete(task);
		else if (base !== room.record.baseCommit() || !(await areInTheWay(room.facts.repository, room.facts.base, files))) letBack(room, task);
	}
};

const BANNER = 'base-red';

/** A red base is said on every screen, as long as it is red. */
export const showRed = ({facts, record}: Pick<Room, 'facts' | 'record'>): void => {
	const {failingBase, failingWhy} = record.team().control;
	record.setBanner(
		BANNER,
		failingBase === ''
			? undefined
			: {
					severity: 'error',
					text: `${facts.base} is failing at ${failingBase.slice(0, 7)}: ${failingWhy}. No task is blamed; merge candidates are tested one by one.`,
				},
	);
};

/** Task -> why it is not tested, or does not land, by itself: the base fails too, holds work that did not land, or there is no test command. Nobody is there to mend it in a `run`. */
export const heldTests = ({facts, record, merges}: Pick<Room, 'facts' | 'record' | 'merges'>): ReadonlyMap<string, string> => {
	const {tasks, control} = record.team();
	if (control.stray !== '') {
		const why = `${facts.base} ${strayText(control)}; ${STRAY_MOVES}`;
		return new Map(
			[...tasks.values()]
				.filter(({stage, state: at}) => (stage === 'test' || stage === 'merge') && at === 'ready')
				.map(({id}) => [id, why]),
		);
	}
	const waiting = [...tasks.values()].filter(({stage, state: at}) => stage === 'test' && at === 'ready');
	if (merges.mergeQueue.missingUntil > 0) return new Map(waiting.map(({id}) => [id, 'the test command was not found']));
	if (control.failingBase === '' || control.failingBase !== record.baseCommit()) return new Map();
	return new Map(
		waiting
			.filter(task => wasTried(merges.mergeQueue.triedOnFailingBase, task, control.failingBase))
			.map(({id}) => [id, `${facts.base} is failing at ${control.failingBase.slice(0, 7)}`]),
	);
};

const foldersIn = ({facts}: Pick<Room, 'facts'>): string => join(facts.options.stateFolder, 'trials');

const no = (why: string): TrialTree => ({folder: '', why});

/** One after the other: two terminals that ask for the same tree get the same. */
const inTurn = pLimit(1);

/**
 * A tree of a person's own that holds what the tests of a task see: its merge with the base, or with the car before it. A copy: the train tests and lands its own
 * candidate, whatever is done here. The same candidate is made once and then left alone, so that nobody loses what somebody tries in it.
 */
export const trialTree = (room: Pick<Room, 'facts' | 'merges'>, {id, candidate}: Pick<Task, 'id' | 'candidate'>): Promise<TrialTree> =>
	inTurn(async () => {
		if (candidate === '') return no(`${id} has no merge candidate yet: it is built when its turn in the merge queue comes.`);
		if (!hasCandidate(room, candidate) && isTeam(room)) await room.facts.guardian.importCommit(candidate).catch(() => undefined);
		if (!hasCandidate(room, candidate)) return no(`The merge candidate of ${id} exists only in the clone of another room.`);
		const folder = join(foldersIn(room), `${slug(id)}-${candidate.slice(0, 8)}`);
		// Its `.git` comes last: without it the making was cut off.
		if (!existsSync(join(folder, '.git'))) await room.facts.guardian.prepareTestTree({candidate, folder});
		return {folder, why: ''};
	});

/** Trees of an earlier life of the room: nobody was promised that they stay. */
export const forgetTrials = (room: Pick<Room, 'facts'>): void => {
	const folder = foldersIn(room);
	for (const name of existsSync(folder) ? readdirSync(folder) : []) removeTestTree(room.facts.guardian.folder, join(folder, name));
};
