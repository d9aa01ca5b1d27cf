import type {RoomEvent} from '../../core/event/event.ts';
import {formatEvent} from '../../core/event/words.ts';
import {fullTestsText} from '../../core/queue/full-tests.ts';
import type {Task} from '../../core/task/task.ts';
import {dollars} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Tone} from '../text/text.ts';
import {teamRows} from './agents.ts';
import {type Attention, attention} from './attention.ts';
import {mergeRows} from './merges.ts';
import {ageOf} from './time.ts';

export type Way = {readonly to: 'task' | 'row' | 'card'; readonly id: string} | {readonly to: 'merges' | 'cost' | 'board'; readonly id: ''};

/** A kind of news: count, names, details. */
export type News = {
	readonly kind: string;
	readonly count: number;
	readonly text: string;
	readonly note: string;
	/** The action whose key opens them. */
	readonly key?: string;
	readonly tone: Tone;
	readonly way: Way;
};

/** Start of the period, server time, and the cost until then. */
type Since = {readonly at: number; readonly spent: number};

const named = (names: readonly string[], most = 4): string =>
	names.length > most ? `${names.slice(0, most).join(' ')} +${names.length - most}` : names.join(' ');

const endedAt = ({doneAt, updatedAt}: Task): number => doneAt || updatedAt;
const newest = (tasks: readonly Task[]): readonly Task[] => tasks.toSorted((one, other) => endedAt(other) - endedAt(one));

/** Orders and plans that change what runs next. */
const ORDERS = /^(control_changed|task_decided|task_retried|task_superseded)$/;

const ordered = ({type, text}: RoomEvent): boolean => ORDERS.test(type) || (type === 'task_released' && text.startsWith('reassigned'));

const line = (kind: string, items: readonly {readonly id: string}[], fields: Partial<News> & Pick<News, 'tone'>): readonly News[] => {
	const [first] = items;
	if (!first) return [];
	return [{kind, count: items.length, text: named(items.map(({id}) => id)), note: '', way: {to: 'task', id: first.id}, ...fields}];
};

/** Why each needs a human, with its age: `dev-3 2m`. */
const waits = (items: readonly Attention[], now: number): string =>
	named(
		items.map(({name, since}) => `${name} ${ageOf(since, now)}`),
		3,
	);

const mergedNews = (tasks: readonly Task[], {changes}: RoomSnapshot): readonly News[] => {
	const counts = tasks.flatMap(({id}) => changes.get(id) ?? []);
	const sum = (of: 'added' | 'removed'): number => counts.reduce((total, count) => total + count[of], 0);
	return line('merged', tasks, {tone: 'good', note: counts.length > 0 ? `+${sum('added')} -${sum('removed')}` : ''});
};

const baseNews = ({team: {control}, repository}: RoomSnapshot, merged: number, now: number): readonly News[] => {
	const way = {to: 'merges', id: ''} as const;
	const at = repository.baseCommit.slice(0, 7);
	if (control.failingBase)
		return [
			{
				kind: repository.base,
				count: 0,
				text: `${at} ✗ failing since ${ageOf(control.failingSince, now)}`,
				note: '',
				key: 'merges',
				tone: 'danger',
				way,
			},
		];
	if (control.fullTests.failed)
		return [
			{
				kind: repository.base,
				count: 0,
				text: `✗ ${fullTestsText(control.fullTests)}`,
				note: '',
				key: 'merges',
				tone: 'danger',
				way,
			},
		];
	return merged > 0
		? [
				{
					kind: repository.base,
					count: 0,
					text: `${at} ✓, ${merged === 1 ? 'one merge' : `${merged} merges`} since you last looked`,
					note: '',
					tone: 'plain',
					way,
				},
			]
		: [];
};

/**
 * What happened since `at`, most urgent kinds first; [] for nothing. Derived from the present state, so nothing is missed however long you
 * were away; orders only as far as known events reach. `now` is server time.
 */
export const digest = (snapshot: RoomSnapshot, {at, spent}: Since, now: number): readonly News[] => {
	const tasks = [...snapshot.team.tasks.values()];
	const rows = teamRows(snapshot, now).filter(({since}) => since > at);
	const ended = (state: Task['state']): readonly Task[] => newest(tasks.filter(task => task.state === state && endedAt(task) > at));
	const merged = ended('merged');
	const needsInput = attention(snapshot, now).filter(
		({kind, since}) => since > at && kind !== 'crashed' && kind !== 'stalled' && kind !== 'red',
	);
	const died = rows.filter(({look}) => look === 'crashed');
	const stalled = rows.filter(({look}) => look === 'stalled');
	const passed = mergeRows(snapshot).filter(({state, task}) => state === 'passed' && task.stageAt > at);
	const reviews = tasks.filter(
		({stage, state, stageAt}) => (stage === 'review' || stage === 'audit') && state !== 'failed' && stageAt > at,
	);
	const added = tasks.filter(({createdAt, firstStage: home}) => createdAt > at && home !== 'plan');
	const orders = snapshot.team.events.filter(event => event.at > at && ordered(event)).reverse();
	const money = snapshot.team.control.spent - spent;
	const rowName = ({name, task}: (typeof rows)[number]): string => (name === '—' ? (task?.id ?? '') : name);
	const [ask, crashed, still] = [needsInput[0], died[0], stalled[0]];
	return [
		...(ask
			? [
					{
						kind: 'need input',
						count: needsInput.length,
						text: waits(needsInput, now),
						note: '',
						key: 'next-attention',
						tone: 'badge',
						way: {to: 'card', id: ask.id},
					} as const,
				]
			: []),
		...(crashed
			? [
					{
						kind: 'crashed',
						count: died.length,
						text: `${named(died.map(rowName))}: ${crashed.text}`,
						note: crashed.task?.id ?? '',
						tone: 'danger',
						way: {to: 'row', id: crashed.id},
					} as const,
				]
			: []),
		...(still
			? [
					{
						kind: 'stalled',
						count: stalled.length,
						text: `${named(stalled.map(rowName))} ${still.text}`,
						note: still.task?.id ?? '',
						tone: 'stalled',
						way: {to: 'row', id: still.id},
					} as const,
				]
			: []),
		...mergedNews(merged, snapshot),
		...line(
			'to merge',
			passed.map(({task}) => task),
			{tone: 'good', note: '', key: 'merges', way: {to: 'merges', id: ''}},
		),
		...line('reviews', reviews, {
			tone: 'plain',
			text: named(
				reviews.map(({id, rounds}) => (rounds > 0 ? `${id} round ${rounds + 1}` : id)),
				3,
			),
		}),
		...line('new', added.toReversed(), {tone: 'plain', way: {to: 'board', id: ''}}),
		...line('planned', ended('planned'), {tone: 'plain'}),
		...line('cancelled', ended('cancelled'), {tone: 'dim'}),
		...baseNews(snapshot, merged.length, now),
		...(money > 0
			? [
					{
						kind: 'spent',
						count: 0,
						text: `${dollars(money)} of ${dollars(snapshot.team.control.spent)} in all`,
						note: '',
						key: 'cost',
						tone: 'plain',
						way: {to: 'cost', id: ''},
					} as const,
				]
			: []),
		...orders.slice(0, 3).map(
			(event): News => ({
				kind: 'ordered',
				count: 0,
				text: formatEvent({...event, stage: event.taskFields.stage ?? ''}),
				note: '',
				tone: 'plain',
				way: event.task ? {to: 'task', id: event.task} : {to: 'row', id: ''},
			}),
		),
	];
};
