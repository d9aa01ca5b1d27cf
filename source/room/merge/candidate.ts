import {join} from 'node:path';
import {type Car, decidable, type Train, tailOf} from '../../core/queue/merge-queue.ts';
import type {Task} from '../../core/task/task.ts';
import {tellFailure} from '../../core/task/test-run.ts';
import type {Candidate} from '../../git/landing/candidate.ts';
import type {Place, Settled} from '../parts/attempt.ts';
import {freshTrain, hasCandidate, isProven, standsOn} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import type {PlannedAgent} from '../team/team.ts';
import {heldMerge} from './approval.ts';
import {refreshRemote} from './remote.ts';
import {askReturning} from './returns.ts';

const nothing = async (): Promise<void> => {};

const conflictText = (files: readonly string[], base: string, detail: string): string =>
	[
		`Merging into \`${base}\` conflicts in ${files.map(file => `\`${file}\``).join(', ')}.`,
		`Whoever takes it finds the merge of \`${base}\` in progress: keep what both sides meant, and commit the result.`,
		'',
		detail.slice(0, 4000),
	].join('\n');

const named = (files: readonly string[]): string =>
	files.length > 3 ? `${files.slice(0, 3).join(', ')} and ${files.length - 3} more` : files.join(', ');

type Wanted = {readonly commit: string; readonly task: string; readonly title: string; readonly author: string};

/** The first car that keeps a task from standing where it would stand if that car were not there. */
const inTheWay = async (
	{facts}: Pick<Room, 'facts'>,
	wanted: Wanted,
	cars: readonly Car[],
	kind: Candidate['kind'],
): Promise<Car | undefined> => {
	for (const car of cars) {
		const built = await facts.guardian.buildCandidate({...wanted, onto: car.task.candidate});
		if (built.kind === kind) return car;
	}
	return cars.at(-1);
};

/** Nothing can be built on the base: that is for whoever resolves it. */
const settledOnBase = (built: Exclude<Candidate, {kind: 'candidate'}>, base: string, head: string): Settled =>
	built.kind === 'conflict'
		? {outcome: 'conflict', text: conflictText(built.files, base, built.text), commit: head}
		: {outcome: 'empty', text: `changes nothing that is not on ${base} already`, commit: ''};

type Appended = {readonly candidate: string; readonly candidateBase: string};

/**
 * Builds the candidate on the last car of the train. What does not go with a car ahead, but goes with the base, waits for that car: it may be
 * ejected, and nobody is to resolve a conflict with what never lands.
 */
const append = async (
	room: Pick<Room, 'facts' | 'merges'>,
	task: Task,
	{train, head}: {readonly train: Train; readonly head: string},
): Promise<Appended | Settled> => {
	const cars = train.cars.filter(car => car.task.id !== task.id);
	const onto = tailOf({...train, cars}, head);
	if (onto !== head && !hasCandidate(room, onto))
		return {outcome: 'later', text: `waits for ${cars.at(-1)?.task.id ?? ''}, which is tested by another room`, commit: ''};
	const wanted = {commit: task.commit, task: task.id, title: task.title, author: task.author};
	const built = await room.facts.guardian.buildCandidate({...wanted, onto});
	if (built.kind === 'candidate') return {candidate: built.commit, candidateBase: onto};
	if (onto === head) return settledOnBase(built, room.facts.base, head);
	const onBase = await room.facts.guardian.buildCandidate({...wanted, onto: head});
	if (onBase.kind !== 'candidate') return settledOnBase(onBase, room.facts.base, head);
	const car = await inTheWay(room, wanted, cars, built.kind);
	if (car) room.merges.train.behind.set(task.id, {task: car.task.id, candidate: car.task.candidate});
	const text =
		built.kind === 'conflict'
			? `conflicts with ${car?.task.id} ahead of it in the train (${named(built.files)})`
			: `changes nothing that ${car?.task.id} ahead of it in the train does not`;
	return {outcome: 'later', text, commit: ''};
};

const testPlace = async (
	{facts}: Pick<Room, 'facts'>,
	agent: PlannedAgent,
	{candidate, candidateBase}: Appended,
	baseOnly: string,
): Promise<Place> => {
	const folder = join(facts.options.stateFolder, 'tests', agent.id.replaceAll(':', '-'));
	await facts.guardian.prepareTestTree({candidate: baseOnly || candidate, folder});
	return {
		folder,
		branch: '',
		command: () => [facts.options.node, facts.options.programFile, 'test'],
		environment: {
			AGENT_ROOM_TEST: facts.config.test ?? '',
			AGENT_ROOM_SETUP: facts.config.setup ?? '',
			AGENT_ROOM_TEST_TIMEOUT_MS: String(facts.config.testTimeout),
			AGENT_ROOM_TEST_RETRY: String(facts.config.testRetry),
			AGENT_ROOM_CANDIDATE: candidate,
			AGENT_ROOM_CANDIDATE_BASE: candidateBase,
			AGENT_ROOM_CLONE: facts.guardian.folder,
			AGENT_ROOM_REPOSITORY: facts.repository.root,
			...(baseOnly ? {AGENT_ROOM_BASE_ONLY: baseOnly} : {}),
		},
		fields: {candidate, candidateBase},
		leave: nothing,
		discard: nothing,
	};
};

/** Its failure stood in the train, on something that is still there; whom it is to blame on now. */
const stoodFailure = async (room: Pick<Room, 'facts' | 'record' | 'merges'>, task: Task): Promise<'own' | 'base' | undefined> => {
	if (task.candidate === '' || task.failedCandidate !== task.candidate) return undefined;
	const {train, head} = await freshTrain(room, {...task, state: 'ready'});
	return decidable(train, isProven(room, head)).find(car => car.task.id === task.id)?.blame;
};

/** A landing that was cut short before anybody heard of it: merging what is on the base brings nothing. Looked for only then. */
const landedBefore = async ({facts}: Pick<Room, 'facts'>, {id, commit}: Task, {outcome}: Settled): Promise<Settled | undefined> => {
	if (outcome !== 'empty' && outcome !== 'conflict') return undefined;
	const landed = await facts.guardian.landedCommit({task: id, commit});
	return landed === undefined ? undefined : {outcome: 'landed', text: `already on ${facts.base}`, commit: landed};
};

const take = async (
	room: Pick<Room, 'facts' | 'record' | 'merges'>,
	task: Task,
): Promise<(Appended & {readonly baseOnly: string}) | Settled> => {
	const blame = await stoodFailure(room, task);
	const {candidate, candidateBase} = task;
	if (blame === 'own')
		return {
			outcome: 'ejected',
			text: `tests failed (${tellFailure(task.testExit, task.testMs)}), ${standsOn(room, task)} passes: ejected from the train`,
			commit: '',
		};
	if (blame === 'base') return {candidate, candidateBase, baseOnly: candidateBase};
	const now = await freshTrain(room, {...task, candidate: ''});
	const returning = await askReturning(room, task, now.head);
	if (returning) return returning;
	const car = await append(room, task, now);
	if ('outcome' in car) return car;
	// Before it stands in the train: what waits for a person there would keep all that is built on it.
	return (await heldMerge(room, task, car)) ?? {...car, baseOnly: ''};
};

/**
 * The next car of the train: its candidate, built on the last one, in a tree of its tester's own. Or what is known without a run: it is on the
 * base already, it cannot stand there, or a failure that stood is proven by now.
 */
export const placeTest = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges' | 'lifecycle'>,
	{task, token, agent}: {readonly task: Task; readonly token: string; readonly agent: PlannedAgent},
	onBuilt: () => void,
): Promise<Place | Settled> => {
	await refreshRemote(room);
	const car = await take(room, task);
	if ('outcome' in car) return (await landedBefore(room, task, car)) ?? car;
	const {candidate, candidateBase, baseOnly} = car;
	room.merges.train.built.set(task.id, {token, candidate, candidateBase});
	room.merges.train.here.add(candidate);
	onBuilt();
	// Other rooms build on it, and the screen shows it, from now on. What superseded the token meanwhile is found before the test starts.
	const fields = {candidate, candidateBase, checked: candidate, hold: '', ...(baseOnly ? {} : {failedCandidate: ''})};
	await room.link.persist(() => room.link.coordination.progress({task: task.id, agent: agent.id, token}, fields, ''));
	return testPlace(room, agent, car, baseOnly);
};
