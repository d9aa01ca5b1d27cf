import {type FSWatcher, readFileSync, renameSync, watch, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {agentName} from '../../core/agent/agent.ts';
import type {ChangeCount, PredictedConflict} from '../../core/change/change.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import {FINAL_STATES, type Stage, type Task} from '../../core/task/task.ts';
import {countBetween, countMerged} from '../../git/diff/counts.ts';
import {type Clash, createPredictor, type Live} from '../../git/merge/conflicts.ts';
import {asRepository} from '../../git/store/store.ts';
import {commitFolders, takeHead} from '../../git/worktree/look.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Attempt} from '../parts/attempt.ts';
import {plannedAgent, type Room} from '../parts/parts.ts';

/** Head of a branch, and where it left the base. */
type Forked = {readonly head: string; readonly fork: string};

/**
 * Keeps in the snapshot what each task changes, as committed now: live branches compared with where they left the base, merged ones with their
 * parent. Each pair of commits is counted once, the new ones of one look by one process; forgotten tasks are dropped. A failed look is logged, and
 * the known counts stay.
 */
const createChangeCounts = ({facts, record}: Pick<Room, 'facts' | 'record'>): ((live: ReadonlyMap<string, Forked>) => Promise<void>) => {
	let known: ReadonlyMap<string, ChangeCount> = new Map();

	return async live => {
		const between = [...live].map(([task, {head, fork}]) => ({task, key: `${fork} ${head}`, from: fork, to: head}));
		const merged = [...record.team().tasks.values()]
			.filter(({state, mergedCommit}) => state === 'merged' && mergedCommit !== '')
			.map(({id, mergedCommit}) => ({task: id, key: mergedCommit, to: mergedCommit}));
		const missing = <One extends {readonly key: string}>(all: readonly One[]): readonly One[] => all.filter(({key}) => !known.has(key));
		try {
			const [news, olds] = await Promise.all([
				countBetween(facts.guardian.folder, missing(between)),
				countMerged(
					facts.guardian.folder,
					missing(merged).map(({to}) => to),
				),
			]);
			const counted = (key: string, found: ReadonlyMap<string, ChangeCount>, to: string) => known.get(key) ?? found.get(to);
			const all = [
				...between.map(one => ({...one, count: counted(one.key, news, one.to)})),
				...merged.map(one => ({...one, count: counted(one.key, olds, one.to)})),
			];
			known = new Map(all.flatMap(({key, count}) => (count ? [[key, count] as const] : [])));
			record.setChanges(new Map(all.flatMap(({task, count}) => (count ? [[task, count] as const] : []))));
		} catch (error) {
			facts.log(`cannot count changes: ${error instanceof Error ? error.message : String(error)}`);
		}
	};
};

/** Stages whose branch may still conflict with others; the merge queue checks what is about to merge. */
const LIVE: readonly Stage[] = [...WRITING_STAGES, 'review', 'audit', 'test'];
/** Maximum of branches compared; beyond it only the oldest are. */
const MOST = 200;
/** Moves within this time make one look, ms. */
const SOON_MS = 150;
/** Files named in a sentence. */
const NAMED = 3;

export type RoomPredictor = {
	/** An entry of the record: the live tasks may have changed. */
	heard(event: RoomEvent): void;
	/** The base or a branch has moved. */
	moved(): void;
	close(): void;
};

const keyOf = ({tasks}: Pick<PredictedConflict, 'tasks'>): string => tasks.join(' ');

const readKnown = (file: string): readonly PredictedConflict[] => {
	try {
		const known: unknown = JSON.parse(readFileSync(file, 'utf8'));
		if (!Array.isArray(known)) return [];
		return known.filter(
			(entry: Partial<PredictedConflict>): entry is PredictedConflict =>
				Array.isArray(entry?.tasks) && Array.isArray(entry.files) && typeof entry.since === 'number',
		);
	} catch {
		return [];
	}
};

/** Written atomically, so that a restarted room announces nothing twice. A full disk loses the memory, never the room. */
const writeKnown = (file: string, known: readonly PredictedConflict[]): void => {
	try {
		writeFileSync(`${file}.new`, JSON.stringify(known), {mode: 0o600});
		renameSync(`${file}.new`, file);
	} catch {
		// Announced again after the next start.
	}
};

/** The first files by name, and the number of the others. */
const named = (files: readonly string[]): string => {
	const shown = files.slice(0, NAMED).map(file => `\`${cleanText(file, 120)}\``);
	return files.length > NAMED ? `${shown.join(', ')} and ${files.length - NAMED} more` : shown.join(', ');
};

const watchFolder = (folder: string, look: () => void): FSWatcher | undefined => {
	try {
		const watcher = watch(folder, {persistent: false}, look);
		watcher.on('error', () => watcher.close());
		return watcher;
	} catch {
		return undefined;
	}
};

/**
 * Predicts conflicts while agents still work: when a branch or the base has moved, or a task has come or gone, the committed branches of all live
 * tasks are compared. A conflict is in the snapshot, and in the record once when it starts and once when it ends; both agents get mail. Driven by
 * file events and the record, it reads nothing while nothing changes. A failure of it stops nothing.
 */
export const startPredictor = (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>): RoomPredictor => {
	const {store} = room.facts.guardian;
	const file = join(room.facts.options.stateFolder, 'conflicts.json');
	const countChanges = createChangeCounts(room);
	let forked: ReadonlyMap<string, Forked> = new Map();
	const predictor = createPredictor(asRepository(store), join(room.facts.options.stateFolder, 'radar.git'));
	let conflicts = readKnown(file);
	let seen = '';
	let timer: NodeJS.Timeout | undefined;
	let isBusy = false;
	let isAgain = false;
	let isClosed = false;
	/** Folders that change when an agent commits in a worktree, also on a branch of its own choice. */
	const watchers = new Map<string, FSWatcher | undefined>();

	const soon = (): void => {
		if (isClosed) return;
		if (isBusy) isAgain = true;
		else timer ??= setTimeout(() => void look(), SOON_MS);
	};
	let watched: ReadonlySet<string> = new Set();
	const watchWorkTrees = (worktrees: readonly string[]): void => {
		watched = new Set(worktrees);
		const folders = new Set(worktrees.flatMap(worktree => commitFolders(store, worktree)));
		for (const [folder, watcher] of watchers) {
			if (folders.has(folder)) continue;
			watcher?.close();
			watchers.delete(folder);
		}
		for (const folder of folders) if (!watchers.has(folder)) watchers.set(folder, watchFolder(folder, soon));
	};

	/** Live branches and their commits: the head of the worktree while an agent works, else the submitted commit. */
	const liveOf = async (tasks: readonly Task[]): Promise<readonly Live[]> => {
		const folders = new Map(room.slots.attempts().map(({task, workspace: place}) => [task.id, place.branch === '' ? '' : place.folder]));
		watchWorkTrees([...folders.values()].filter(folder => folder !== ''));
		const refs = tasks.map(async task => {
			const folder = folders.get(task.id) ?? '';
			return {id: task.id, head: folder === '' ? task.commit : await takeHead(store, folder).catch(() => task.commit)};
		});
		return (await Promise.all(refs)).filter(({head}) => head !== '');
	};

	const look = async (): Promise<void> => {
		timer = undefined;
		isBusy = true;
		try {
			const tasks = [...room.record.team().tasks.values()]
				.filter(({stage, state}) => LIVE.includes(stage) && !FINAL_STATES.includes(state))
				.toSorted((one, other) => one.createdAt - other.createdAt)
				.slice(0, MOST);
			const [live, base] = await Promise.all([liveOf(tasks), room.facts.guardian.baseHead()]);
			const now = `${base} ${live.map(({id, head}) => `${id}:${head}`).join(' ')}`;
			if (now !== seen) {
				const {clashes, forks} = await predictor.look(live, base);
				if (!isClosed) await publish(clashes, new Map(tasks.map(task => [task.id, task])));
				seen = now;
				forked = forks;
			}
			if (!isClosed) await countChanges(forked);
		} catch (error) {
			room.facts.log(`cannot predict conflicts: ${error instanceof Error ? error.message : String(error)}`);
		}
		isBusy = false;
		if (isAgain) {
			isAgain = false;
			soon();
		}
	};

	const publish = async (clashes: readonly Clash[], tasks: ReadonlyMap<string, Task>): Promise<void> => {
		const before = new Map(conflicts.map(conflict => [keyOf(conflict), conflict]));
		const next = clashes
			.map(({pair, files}) => ({tasks: pair, files, since: before.get(pair.join(' '))?.since ?? room.record.serverNow()}))
			.toSorted((one, other) => one.since - other.since);
		const keys = new Set(next.map(keyOf));
		const begun = next.filter(conflict => !before.has(keyOf(conflict)));
		const gone = conflicts.filter(conflict => !keys.has(keyOf(conflict)));
		conflicts = next;
		room.record.setConflicts(next);
		if (begun.length + gone.length > 0) writeKnown(file, next);
		for (const conflict of gone.filter(conflict => isOurs(conflict, tasks)))
			await note('conflict_gone', conflict, `${tell(conflict)} no longer conflict`);
		for (const conflict of begun.filter(conflict => isOurs(conflict, tasks))) {
			await note('conflict_predicted', conflict, `${tell(conflict)} would conflict in ${named(conflict.files)}`);
			await warn(conflict, tasks);
		}
	};

	/** Of several rooms that see the conflict, the one whose agent has the first task, or wrote it, reports it. */
	const isOurs = ({tasks: [id]}: PredictedConflict, tasks: ReadonlyMap<string, Task>): boolean => {
		const task = tasks.get(id) ?? room.record.team().tasks.get(id);
		const who = task?.owner || task?.author;
		return !who || plannedAgent(room, who) !== undefined;
	};

	const tell = ({tasks: [one, other]}: PredictedConflict): string => `${one} and ${other || room.facts.base}`;
	const note = (type: 'conflict_predicted' | 'conflict_gone', {tasks: [task]}: PredictedConflict, text: string): Promise<void> =>
		room.link.retryUntilWritten(() => room.link.coordination.appendEvent({type, task, agent: '', text}));

	/** Tells the agents that work on either task, once. A conflict with the base alone is told when the task meets it. */
	const warn = async ({tasks: [one, other], files}: PredictedConflict, tasks: ReadonlyMap<string, Task>): Promise<void> => {
		if (other === '') return;
		for (const [mine, theirs] of [
			[one, other],
			[other, one],
		] as const) {
			const task = tasks.get(mine);
			if (!task?.token || !WRITING_STAGES.includes(task.stage)) continue;
			const who = tasks.get(theirs)?.owner || tasks.get(theirs)?.author || '';
			const whose = who === '' ? `task ${theirs}` : `${agentName(who)} (task ${theirs})`;
			const text = `${whose} also changes ${named(files)}, and the two commits conflict. The second to merge resolves the conflict; a message between you may avoid it.`;
			await room.link.coordination
				.sendMail({from: 'room', token: '', to: task.owner, text})
				.catch(error => room.facts.log(`cannot warn ${task.owner}: ${String(error)}`));
		}
	};

	room.record.setConflicts(conflicts);
	soon();
	return {
		heard: ({type, taskFields}) => {
			// A new attempt: from now on its files report its commits.
			const isNew = ({workspace: place}: Attempt): boolean => place.branch !== '' && !watched.has(place.folder);
			if (type === 'agent_updated' && room.slots.attempts().some(isNew)) soon();
			if (type.startsWith('task_') && (taskFields.stage !== undefined || taskFields.state !== undefined || taskFields.commit !== undefined))
				soon();
		},
		moved: soon,
		close: () => {
			isClosed = true;
			clearTimeout(timer);
			for (const watcher of watchers.values()) watcher?.close();
		},
	};
};
