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

/** A skipped task may merge now: it takes its turn again. */
const letBack = ({merges, lifecycle}: Pick<Room, 'merges' | 'lifecycle'>, task: string): void => {
	merges.mergeQueue.blockedByChanges.delete(task);
	merges.notBefore.delete(task);
	lifecycle.requestTick();
};

/** Checks whether your uncommitted files still block skipped tasks, and forgets those no task waits for. */
export const watchBlocked = async (room: Pick<Room, 'facts' | 'record' | 'merges' | 'lifecycle'>): Promise<void> => {
	const {tasks} = room.record.team();
	for (const [task, {files, base}] of room.merges.mergeQueue.blockedByChanges) {
		const stage = tasks.get(task)?.stage;
		if (stage !== 'test' && stage !== 'merge') room.merges.mergeQueue.blockedByChanges.delete(task);
		else if (base !== room.record.baseCommit() || !(await areInTheWay(room.facts.repository, room.facts.base, files))) letBack(room, task);
	}
};

const BANNER = 'base-red';

/** Shows a failing base on every screen while it fails. */
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

/**
 * Task -> why it is not tested or merged automatically: the base fails too or holds unmerged work, or there is no test command. In a `run` no human
 * is there to fix that.
 */
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

/** One at a time: two terminals that ask for the same worktree get the same. */
const inTurn = pLimit(1);

/**
 * A worktree for a human with exactly what a task's tests see: its merge with the base, or with the entry ahead. It is a copy: the merge queue tests
 * and merges its own candidate, whatever happens here. Each candidate's copy is made once and then left alone, so that no trial in it is lost.
 */
export const trialTree = (room: Pick<Room, 'facts' | 'merges'>, {id, candidate}: Pick<Task, 'id' | 'candidate'>): Promise<TrialTree> =>
	inTurn(async () => {
		if (candidate === '') return no(`${id} has no merge candidate yet: it is built when its turn in the merge queue comes.`);
		if (!hasCandidate(room, candidate) && isTeam(room)) await room.facts.guardian.importCommit(candidate).catch(() => undefined);
		if (!hasCandidate(room, candidate)) return no(`The merge candidate of ${id} exists only in the clone of another room.`);
		const folder = join(foldersIn(room), `${slug(id)}-${candidate.slice(0, 8)}`);
		// Its `.git` is written last: without it, making it was interrupted.
		if (!existsSync(join(folder, '.git'))) await room.facts.guardian.prepareTestTree({candidate, folder});
		return {folder, why: ''};
	});

/** Removes the copies of an earlier life of the room, which are not guaranteed to stay. */
export const forgetTrials = async (room: Pick<Room, 'facts'>): Promise<void> => {
	const folder = foldersIn(room);
	for (const name of existsSync(folder) ? readdirSync(folder) : []) await removeTestTree(room.facts.guardian.folder, join(folder, name));
};
