import type {Task} from './task.ts';

/**
 * testing: its tests run. passed: waits to be landed. failed: its tests failed, but the car before it is undecided, so it is not known
 * whose fault that is. landing: the guardian has it.
 */
export type CarState = 'testing' | 'passed' | 'failed' | 'landing';

/** A task whose candidate stands on the candidate of the car before it, the head's on the base. `place` is 1 for the head. */
export type Car = {readonly task: Task; readonly place: number; readonly state: CarState};

export type Train = {
	/** The unbroken chain from the head of the base on, head first. */
	readonly cars: readonly Car[];
	/** Candidates on something that is no longer there: each is to be built and tested again, at no cost. None of them is landing. */
	readonly derailed: readonly Task[];
	/** Tasks that wait for their test, in the order of their turn. */
	readonly queue: readonly Task[];
};

/** What a task of the pipeline is in the train; undefined where it is in none. */
const stateOf = ({stage, state, candidate, failedCandidate}: Task): CarState | undefined => {
	if (candidate === '') return undefined;
	if (stage === 'test') {
		if (state === 'leased') return 'testing';
		return state === 'ready' && failedCandidate === candidate ? 'failed' : undefined;
	}
	if (stage !== 'merge') return undefined;
	if (state === 'leased') return 'landing';
	return state === 'ready' ? 'passed' : undefined;
};

/** Whose turn it is first: by their scores, as in every queue, so nothing starves; then whoever was ejected less often. */
export const byTurn = (a: Task, b: Task): number =>
	a.score - b.score || a.ejections - b.ejections || (a.id < b.id ? -1 : Number(a.id > b.id));

/** Where two candidates stand on the same commit, the one that has come further stays. */
const FURTHER: readonly CarState[] = ['landing', 'passed', 'failed', 'testing'];

/**
 * The merge train, read from the tasks alone: nothing of it is kept apart, so no room and no crash can leave a train that the tasks do not
 * say. `baseHead` is where the base stands.
 */
export const trainOf = (tasks: Iterable<Task>, baseHead: string): Train => {
	const standing: Array<{readonly task: Task; readonly state: CarState}> = [];
	const queue: Task[] = [];
	for (const task of tasks) {
		const state = stateOf(task);
		if (state) standing.push({task, state});
		else if (task.stage === 'test' && task.state === 'ready') queue.push(task);
	}
	const behind = Map.groupBy(standing, ({task}) => task.candidateBase);
	const cars: Car[] = [];
	const chained = new Set<string>();
	for (let at = baseHead; ; ) {
		const [next] = (behind.get(at) ?? [])
			.filter(({task}) => !chained.has(task.id))
			.sort((a, b) => FURTHER.indexOf(a.state) - FURTHER.indexOf(b.state) || byTurn(a.task, b.task));
		if (!next) break;
		cars.push({...next, place: cars.length + 1});
		chained.add(next.task.id);
		at = next.task.candidate;
	}
	const loose = standing.filter(({task, state}) => !chained.has(task.id) && state !== 'landing');
	// What failed on something that is gone has nothing to be decided any more: it simply waits for its next test.
	for (const {task, state} of loose) if (state === 'failed') queue.push(task);
	return {
		cars,
		derailed: loose.filter(({state}) => state !== 'failed').map(({task}) => task),
		queue: queue.sort(byTurn),
	};
};

/** What the next candidate is built on: the last car's, or the base itself. */
export const tailOf = ({cars}: Train, baseHead: string): string => cars.at(-1)?.task.candidate ?? baseHead;

/** The head and what has passed behind it without a gap: the longest prefix that may land together. */
export const passedPrefix = ({cars}: Train): readonly Car[] => {
	const end = cars.findIndex(({state}) => state !== 'passed' && state !== 'landing');
	return end === -1 ? cars : cars.slice(0, end);
};

/**
 * What failed tests of a car mean. `own`: what it stands on has passed by itself, so nothing else can have broken them. `undecided`: the car
 * before it is not decided yet. `base`: it is the head, and the base itself was not seen to pass of late: its tests tell. `derailed`: it stands on
 * something that is gone, and nothing follows from it.
 */
export type Blame = 'own' | 'undecided' | 'base' | 'derailed';

/** Nobody is ejected without the proof that it, and not a neighbour or the base, failed. */
export const blameFor = ({cars}: Train, id: string, isBaseProven: boolean): Blame => {
	const at = cars.findIndex(({task}) => task.id === id);
	if (at === -1) return 'derailed';
	const before = cars[at - 1];
	if (!before) return isBaseProven ? 'own' : 'base';
	return before.state === 'passed' || before.state === 'landing' ? 'own' : 'undecided';
};

/** Cars that stand with failed tests and can be decided now, without a run: `own` ones are ejected, of `base` the base's tests are run first. */
export const decidable = (train: Train, isBaseProven: boolean): ReadonlyArray<{readonly task: Task; readonly blame: 'own' | 'base'}> =>
	train.cars.flatMap(({task, state}) => {
		const blame = blameFor(train, task.id, isBaseProven);
		return state === 'failed' && (blame === 'own' || blame === 'base') ? [{task, blame}] : [];
	});
