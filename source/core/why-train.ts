import {formatAge} from './age.ts';
import {stageRole} from './pipeline.ts';
import type {TeamSnapshot} from './snapshot.ts';
import type {Task} from './task.ts';
import {type Car, type Train, trainOf} from './train.ts';
import {whyWaiting} from './why-served.ts';

const trains = new WeakMap<TeamSnapshot, {readonly baseHead: string; readonly train: Train}>();

/** The train of a snapshot, made once however many of its tasks ask. */
export const trainIn = (team: TeamSnapshot, baseHead: string): Train => {
	const known = trains.get(team);
	if (known?.baseHead === baseHead) return known.train;
	const train = trainOf(team.tasks.values(), baseHead);
	trains.set(team, {baseHead, train});
	return train;
};

/** Whether nothing lands until a person lets it: whoever moves the base is paused. */
export const areMergesHeld = ({agents}: Pick<TeamSnapshot, 'agents'>): boolean => {
	const movers = [...agents.values()].filter(({role, status}) => role === stageRole('merge') && status !== 'stopped');
	return movers.length > 0 && movers.every(({paused}) => paused);
};

/** How a car stands that keeps the others behind it. */
const stands = ({task, state}: Car, team: TeamSnapshot, now: number): string => {
	const begun = team.agents.get(task.owner)?.statusAt ?? 0;
	const since = state === 'testing' && begun > 0 ? ` for ${formatAge(now - begun)}` : '';
	return {testing: `is being tested${since}`, passed: 'has passed', failed: 'failed its tests', landing: 'is landing'}[state];
};

const inTrain = (car: Car, {cars}: Train, team: TeamSnapshot, now: number): string => {
	const place = `place ${car.place} of ${cars.length}`;
	const before = cars.slice(0, car.place - 1);
	const open = before.find(({state}) => state === 'testing' || state === 'failed') ?? before.at(-1);
	const behind = open
		? `in the train behind ${open.task.id} (${place}), which ${stands(open, team, now)}`
		: `at the head of the train (${place})`;
	if (car.state === 'failed') return `its tests failed, ${behind}: whose fault it is shows when that is decided`;
	if (car.state === 'passed' && areMergesHeld(team)) return `passed${open ? `, ${behind}` : ''}: merges are held by you`;
	if (car.state === 'passed') return open ? `passed, ${behind}` : 'passed: about to land';
	return behind;
};

/** Why a task that waits for its test or its landing does not go on, in one clause; '' where nothing of the train keeps it. `base` is the name of the base branch. */
export const whyInTrain = (task: Task, team: TeamSnapshot, base: {readonly name: string; readonly head: string}, now: number): string => {
	const train = trainIn(team, base.head);
	const car = train.cars.find(({task: {id}}) => id === task.id);
	if (car) return inTrain(car, train, team, now);
	if (train.derailed.some(({id}) => id === task.id))
		return `${base.name}, or what it stood on, has moved: its candidate is built and tested anew`;
	if (task.stage !== 'test') return '';
	// Whoever has it makes its candidate first; only then it stands in the train.
	if (task.state === 'leased') return 'its candidate is being built';
	const {red, redWhy} = team.control;
	if (red !== '') return `${base.name} is red at ${red.slice(0, 8)}${redWhy === '' ? '' : `: ${redWhy}`}`;
	const place = train.queue.findIndex(({id}) => id === task.id);
	const waiting = whyWaiting(task, team);
	return place > 0
		? `${place} before it in the queue for the train${waiting === 'ready' ? '' : `; ${waiting}`}`
		: waiting === 'ready'
			? ''
			: waiting;
};
