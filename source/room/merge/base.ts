import {setTimeout as wait} from 'node:timers/promises';
import {agentName} from '../../core/agent/agent.ts';
import {parseTask, type Task} from '../../core/task/task.ts';
import type {OpenWork} from '../../git/landing/stray.ts';
import {isObjectId} from '../../git/process/names.ts';
import {gitLine} from '../../git/process/run.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import {takeHead} from '../../git/worktree/look.ts';
import {lastTaken} from '../../git/worktree/tree.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {alarmOf, keepMoves, knownBase, leave} from '../parts/moves.ts';
import type {Engine} from '../parts/parts.ts';
import {recheckLandings} from './landings.ts';

/** A move that could not be judged is looked at again after this long, ms. */
const AGAIN_MS = 1000;

const short = (commit: string): string => commit.slice(0, 7);

/** What has passed its tests and may be, or is, on the base. */
const mayHaveLanded = ({candidate, stage, state}: Task): boolean => candidate !== '' && (stage === 'merge' || state === 'merged');

/** A landing leads from one base to the next over candidates that have passed, each on the one before; whatever else moves it is somebody's own doing. */
export const isLanding = (tasks: Iterable<Task>, from: string, to: string): boolean => {
	const below = new Map([...tasks].filter(mayHaveLanded).map(({candidate, candidateBase}) => [candidate, candidateBase]));
	for (let at: string | undefined = to, steps = 0; at !== undefined && steps <= below.size; at = below.get(at), steps++)
		if (at === from) return true;
	return false;
};

/** The tasks that this room knows by heart, those of the pipeline as Redis has them now: an entry of the record may be late, an alarm must not be early. */
const tasksNow = async ({state, persist, coordination}: Engine): Promise<readonly Task[]> => {
	const tasks = [...state.team().tasks.values()];
	const moving = tasks.filter(({stage, candidate}) => stage === 'test' || stage === 'merge' || candidate !== '').map(({id}) => id);
	const read = await persist(() => coordination.read(moving));
	return tasks.map(task => {
		const fields = read.get(task.id);
		return fields === undefined ? task : parseTask(task.id, fields);
	});
};

/** The commits that the attempts of tasks stand at which have never landed. */
const openWorks = async (engine: Engine, tasks: readonly Task[]): Promise<readonly OpenWork[]> => {
	const {store} = engine.guardian;
	const folders = new Map(engine.slots.attempts().map(({task, place}) => [task.id, place]));
	const open = tasks
		.filter(({state, wasLanded}) => state !== 'merged' && state !== 'planned' && wasLanded === '')
		.map(async ({id, commit, worktree}) => {
			const place = folders.get(id);
			const taken = [worktree, place?.folder ?? ''].filter(Boolean).map(folder => lastTaken(store, folder));
			const here = place?.branch ? await takeHead(store, place.folder).catch(() => '') : '';
			return {task: id, heads: [...new Set([commit, ...taken, here])].filter(isObjectId)};
		});
	return (await Promise.all(open)).filter(({heads}) => heads.length > 0);
};

const who = (agent: string): string => (agent === '' ? 'an agent' : agentName(agent));

/** Work of an attempt is on the base without a landing: that is an alarm, and nothing is tested or lands until a person has decided. */
const raise = async (engine: Engine, task: Task, {from, to}: {readonly from: string; readonly to: string}): Promise<void> => {
	const agent = task.owner || task.author || task.authors.at(-1) || '';
	const before = alarmOf(engine);
	// As the script has it.
	const first = before === undefined || before.to === to ? from : before.to === from ? before.from : '';
	engine.moves.alarm = {to, from: first};
	const text = `${engine.base} was moved to ${short(to)} by ${who(agent)}: work on ${task.id} that nobody has reviewed, tested and landed`;
	await engine.persist(() => engine.coordination.stray({task: task.id, agent, from, to, text}));
};

/** The alarm is over: decided by a person, or the base does not hold what it was about. */
const settleAlarm = async (engine: Engine, commit: string): Promise<void> => {
	const {moves, persist, coordination, base} = engine;
	const text = moves.decided || `${base} does not hold ${short(commit)} any more: you took it off`;
	await persist(() => coordination.unstray(commit, text));
	moves.decided = '';
	moves.alarm = undefined;
};

const tellMove = async (engine: Engine, to: string, isBack: boolean, off: number): Promise<void> => {
	const line = await gitLine(engine.repository.root, ['log', '-1', '--format=%an: %s', '--end-of-options', to, '--']);
	const lost = off === 0 ? 'no landing is off it' : `${off} ${off === 1 ? 'landing is' : 'landings are'} off it`;
	const how = isBack ? 'moved back by hand to' : 'moved by hand to';
	const text = `${engine.base} ${how} ${short(to)} (${cleanText(line, 120)}): ${isBack ? lost : 'what is tested is built on it'}`;
	await engine.persist(() => engine.coordination.note({type: 'base_moved', task: '', agent: '', text}));
};

/**
 * The base was moved by something that is no landing. A person's new commit is taken as it is; work of an unlanded attempt is an alarm; what was taken off the
 * base is merged no longer, and remembered, so that it does not come back with the work of others without a question.
 */
const judgeMove = async (engine: Engine, tasks: readonly Task[], from: string, to: string): Promise<void> => {
	const {moves, guardian} = engine;
	const alarm = alarmOf(engine);
	const isBack = !(await hasDescended(guardian.folder, to, from));
	const isUndone = alarm?.to === from && (alarm.from === to || moves.decided !== '');
	if (isBack) {
		leave(moves, {commit: from, of: isUndone ? engine.state.team().control.strayTask : ''});
		// It stays known there, whatever a person's repository throws away.
		await guardian.importCommit(from).catch(error => engine.log(`remembering ${from}: ${String(error)}`));
	}
	if (alarm && !(await hasDescended(guardian.folder, to, alarm.to))) await settleAlarm(engine, alarm.to);
	const landings = tasks.filter(mayHaveLanded).map(({candidate}) => candidate);
	const strayed = await guardian.strayWork({
		...{from, to, landings: landings.filter(isObjectId), works: await openWorks(engine, tasks)},
		left: moves.left.filter(({of}) => of === '').map(({commit}) => commit),
	});
	const task = tasks.find(({id}) => id === strayed);
	if (task) await raise(engine, task, {from, to});
	const off = await recheckLandings(engine, to, task ? who(task.owner || task.author) : 'you');
	if (!task && !isUndone) await tellMove(engine, to, isBack, off);
};

const look = async (engine: Engine): Promise<void> => {
	const {moves, state, options, base} = engine;
	const to = await engine.guardian.baseHead();
	state.setBaseCommit(to);
	const from = moves.head;
	if (from === to) return;
	const isKnown = from === '' || isLanding(state.team().tasks.values(), from, to);
	const tasks = isKnown ? [] : await tasksNow(engine);
	moves.isByHand = !isKnown && !isLanding(tasks, from, to);
	if (moves.isByHand) await judgeMove(engine, tasks, from, to);
	moves.head = to;
	keepMoves(options.stateFolder, base, moves);
};

/**
 * Judges where the base stands now, once for each move, one after the other; at once where it has not moved. Nothing is built on the base, and nothing lands
 * on it, before that is done. Where it fails (the repository is away) the move is judged the next time.
 */
export const judgeBase = (engine: Engine): Promise<void> => {
	engine.moves.judging = engine.moves.judging.then(() =>
		look(engine)
			.catch(async error => {
				engine.log(`the move of the base: ${error instanceof Error ? error.message : String(error)}`);
				await wait(AGAIN_MS, undefined, {ref: false});
			})
			.finally(engine.wake),
	);
	return engine.moves.judging;
};

/** `knownBase`, once it is known whose work the base holds. */
export const workBase = async (engine: Engine): Promise<string> => {
	if (engine.isConnected()) await judgeBase(engine);
	return knownBase(engine);
};

/** Whether the base may be built on: where it stands was judged, and no alarm about it is open. */
export const isBaseJudged = (engine: Pick<Engine, 'moves' | 'state'>): boolean =>
	alarmOf(engine) === undefined && engine.moves.head === engine.state.baseCommit();

/** Entries of the record tell of landings: one that the base had lost again by the time it was told is looked at. */
export const recheckLanded = async (engine: Engine, landed: readonly string[]): Promise<void> => {
	const {moves, state} = engine;
	const isThere = (commit: string): boolean => isLanding(state.team().tasks.values(), commit, state.baseCommit());
	if (moves.isByHand && moves.head !== '' && landed.some(commit => !isThere(commit))) await recheckLandings(engine, moves.head, 'you');
};
