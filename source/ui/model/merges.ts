import {type Agent, agentName} from '../../core/agent/agent.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import {areMergesHeld, byTurn, type CarState, trainOf} from '../../core/queue/merge-queue.ts';
import type {Task} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Tone} from '../text/text.ts';
import {remember} from './time.ts';

/**
 * A car's own state, or: `building`: its candidate is being made; `derailed`: what it stood on is gone, it is built again; `aside`: it waits
 * for something of its own (`hold`); `asks`: for a person's word; `waits`: for its turn.
 */
export type TrainState = CarState | 'building' | 'derailed' | 'asks' | 'aside' | 'waits';

/** `place` is 1 for the head of the train, 0 for what stands in none. */
export type TrainRow = {readonly task: Task; readonly place: number; readonly state: TrainState};

export const TRAIN_LOOKS = {
	landing: {glyph: '»', word: 'landing', tone: 'good'},
	passed: {glyph: '✓', word: 'passed', tone: 'good'},
	testing: {glyph: '●', word: 'testing', tone: 'working'},
	failed: {glyph: '✗', word: 'failed', tone: 'warning'},
	building: {glyph: '●', word: 'building', tone: 'working'},
	derailed: {glyph: '◌', word: 'rebuilt', tone: 'stalled'},
	asks: {glyph: '▲', word: 'asks you', tone: 'badge'},
	aside: {glyph: '»', word: 'aside', tone: 'warning'},
	waits: {glyph: '·', word: 'waits', tone: 'dim'},
} as const satisfies Record<TrainState, {glyph: string; word: string; tone: Tone}>;

const rowsOf = (snapshot: RoomSnapshot): readonly TrainRow[] => {
	const tasks = [...snapshot.team.tasks.values()];
	const {cars, derailed, queue} = trainOf(tasks, snapshot.repository.baseCommit);
	const placed = new Set([...cars.map(({task}) => task), ...derailed, ...queue].map(({id}) => id));
	const others = tasks
		.filter(({id, stage, state}) => (stage === 'test' || stage === 'merge') && isOpen(state) && !placed.has(id))
		.sort(byTurn);
	const loose = (task: Task): TrainState =>
		task.asks ? 'asks' : task.state !== 'leased' ? (task.hold ? 'aside' : 'waits') : task.stage === 'merge' ? 'landing' : 'building';
	const row = (task: Task, state: TrainState): TrainRow => ({task, place: 0, state});
	return [
		...cars,
		...others.filter(({state}) => state === 'leased').map(task => row(task, loose(task))),
		...others.filter(({asks}) => asks).map(task => row(task, 'asks')),
		...derailed.map(task => row(task, 'derailed')),
		...queue.map(task => row(task, task.hold ? 'aside' : 'waits')),
		...others.filter(({state, asks}) => state !== 'leased' && !asks).map(task => row(task, loose(task))),
	];
};

const isOpen = (state: Task['state']): boolean => ['leased', 'ready', 'delayed', 'blocked'].includes(state);

const remembered = remember(rowsOf);

/** The merge train, head first, then what is built or waits behind it. */
export const trainRows = (snapshot: RoomSnapshot): readonly TrainRow[] => remembered(snapshot, 0);

/** A turn of the train that people want to see afterwards; `text` is its proof, in words. */
export type TrainTurn = {
	readonly at: number;
	readonly task: string;
	readonly kind: 'merged' | 'ejected' | 'flaky' | 'base' | 'off';
	readonly text: string;
};

const turnOf = (event: RoomEvent): TrainTurn | undefined => {
	const {at, task, text, type, taskFields, controlFields} = event;
	if (type === 'task_merged') return {at, task, kind: 'merged', text: taskFields.landed ?? ''};
	if (type === 'task_unlanded') return {at, task, kind: 'off', text};
	if (type === 'car_ejected') return {at, task, kind: 'ejected', text};
	if (type === 'test_flaky') return {at, task, kind: 'flaky', text};
	// That it became red is noted with its reason; that it is mended stands in the order alone.
	if (type === 'base_moved' || type === 'base_red' || type === 'base_strayed' || type === 'base_decided' || controlFields.red === '')
		return {at, task: '', kind: 'base', text};
	return undefined;
};

const turnsOf = ({team}: RoomSnapshot): readonly TrainTurn[] => team.events.flatMap(event => turnOf(event) ?? []).reverse();
const rememberedTurns = remember(turnsOf);

/** What landed, was thrown out, was flaky, and what happened to the base, the newest first, as far as the events known reach. */
export const trainTurns = (snapshot: RoomSnapshot): readonly TrainTurn[] => rememberedTurns(snapshot, 0);

/** Who moves the base. */
export const isGuardian = ({role}: Agent): boolean => role === 'repository-guardian';

/** True while no guardian lands anything: all of them are paused. */
export const isHeld = ({team}: RoomSnapshot): boolean => areMergesHeld(team);

/** The task that landed last, as far as it is known by heart. */
export const lastLanded = ({team}: RoomSnapshot): Task | undefined =>
	[...team.tasks.values()].filter(({state, landed}) => state === 'merged' && landed !== '').sort((a, b) => b.doneAt - a.doneAt)[0];

/** Two branches that would not merge as they are now. `id` is what the selection sticks to. */
export type ConflictRow = {
	readonly id: string;
	/** The second is '' where it is the base. */
	readonly tasks: readonly [string, string];
	readonly label: string;
	/** Who works on them, as people read it. */
	readonly agents: string;
	readonly files: readonly string[];
	/** Server time, epoch ms. */
	readonly since: number;
};

/** Conflicts predicted between branches that are worked on, the oldest first. */
export const conflicts = (snapshot: RoomSnapshot): readonly ConflictRow[] =>
	snapshot.conflicts.map(({tasks, files, since}) => {
		const [one, other] = tasks;
		const authors = tasks.flatMap(id => {
			const task = snapshot.team.tasks.get(id);
			const agent = task?.owner || task?.author || '';
			return agent ? [agentName(agent)] : [];
		});
		return {
			id: `${one} ${other}`,
			tasks,
			label: `${one} and ${other || snapshot.repository.base}`,
			agents: [...new Set(authors)].join(', '),
			files,
			since,
		};
	});
