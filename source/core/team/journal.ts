import {foldSpending, type Spending} from '../cost/spending.ts';
import type {RoomEvent} from '../event/event.ts';

type Raw = Readonly<Record<string, string>>;

/** Grows with every change that an older reader would misread. */
export const JOURNAL_VERSION = 1;

/** The first record of a journal: whose it is. `nonces`: of the data that it followed, newest last. */
export type JournalHead = {
	readonly journal: number;
	readonly repository: string;
	readonly namespace: string;
	readonly epoch: number;
	readonly nonces: readonly string[];
};

/** Every other record: fields that were written, as absolute values. `at`: everything up to this entry of the event log is in the journal. */
export type JournalChange = {
	readonly at?: string;
	/** Task -> fields, long texts included. */
	readonly tasks?: Readonly<Record<string, Raw>>;
	readonly features?: Readonly<Record<string, Raw>>;
	readonly control?: Raw;
};

/** What a journal says as a whole. */
export type JournalState = {
	readonly head: JournalHead | undefined;
	readonly at: string;
	readonly tasks: ReadonlyMap<string, Raw>;
	readonly features: ReadonlyMap<string, Raw>;
	readonly control: Raw;
	readonly spending: Spending;
	/** The newest entries after which a record ends, oldest first, `at` last: the log still has one of them unless it lost more than they cover. */
	readonly positions: readonly string[];
	/** The highest fencing number of any token that it names, also of those that have ended. */
	readonly fencing: number;
};

/** Records whose last entries are kept: a loss that reaches further back is not one of a moment. */
export const POSITIONS = 200;

/** The number of a fencing token, 0 for none. */
export const fencingOf = (token: string | undefined): number => Number(/^(\d{1,15}):/.exec(token ?? '')?.[1] ?? 0);

/** Applies records, oldest first. Repeated ones are harmless, since they carry absolute values. */
export const foldJournal = (head: JournalHead | undefined, changes: Iterable<JournalChange>): JournalState => {
	const tasks = new Map<string, Raw>();
	const features = new Map<string, Raw>();
	let [at, control, spending, fencing] = ['0-0', {} as Raw, [] as Spending, 0];
	const positions: string[] = [];
	for (const change of changes) {
		for (const [id, fields] of Object.entries(change.tasks ?? {})) {
			fencing = Math.max(fencing, fencingOf(fields.token));
			tasks.set(id, {...tasks.get(id), ...fields});
		}
		for (const [id, fields] of Object.entries(change.features ?? {})) features.set(id, {...features.get(id), ...fields});
		if (change.control) {
			spending = foldSpending(spending, change.control);
			control = {...control, ...change.control};
		}
		at = change.at ?? at;
		if (change.at !== undefined) positions.push(change.at);
	}
	return {head, at, tasks, features, control, spending, fencing, positions: positions.slice(-POSITIONS)};
};

/** Entries of these types never write a long text of their task. */
const WITHOUT_TEXTS: ReadonlySet<string> = new Set([
	...['task_claimed', 'task_ready', 'task_reordered', 'task_priority_set', 'task_wait_reason', 'task_joined', 'task_batched'],
	...['usage_recorded', 'task_merged', 'task_remerged', 'task_unmerged', 'task_cancelled', 'task_superseded'],
	'pull_request_changed',
]);

/** These write no text but the notes of an attempt for the next one, which it can do without. */
const WITH_NOTES_ONLY: ReadonlySet<string> = new Set(['task_progressed', 'task_released', 'task_reclaimed', 'task_retested']);

/** Whether entries say everything that matters of what they changed: a text that somebody wrote is not in the log. */
export const isSelfContained = (events: readonly RoomEvent[]): boolean =>
	events.every(
		({type, task, taskFields}) =>
			task === '' || Object.keys(taskFields).length === 0 || WITHOUT_TEXTS.has(type) || WITH_NOTES_ONLY.has(type),
	);

/** What entries of the event log, oldest first, changed; and the tasks whose long texts they may have written, which they do not carry. */
export const changeOf = (events: readonly RoomEvent[]): {readonly change: JournalChange; readonly texts: readonly string[]} => {
	const tasks = new Map<string, Raw>();
	const features = new Map<string, Raw>();
	const texts = new Set<string>();
	const quarters = new Map<string, string>();
	let control: Raw = {};
	for (const {type, task, taskFields, featureFields, controlFields} of events) {
		if (task !== '' && Object.keys(taskFields).length > 0) {
			tasks.set(task, {...tasks.get(task), ...taskFields});
			if (!WITHOUT_TEXTS.has(type)) texts.add(task);
		}
		const {id, ...fields} = featureFields;
		if (id) features.set(id, {...features.get(id), ...fields});
		const {quarter, ...orders} = controlFields;
		// The freeze after a loss of data was ordered by no one.
		if (!orders.recovery) control = {...control, ...orders};
		// The newest sum of each quarter-hour.
		if (quarter !== undefined) quarters.set(quarter.split(':')[0] ?? '', quarter);
	}
	if (quarters.size > 0) control = {...control, quarter: [...quarters.values()].join(' ')};
	const at = events.at(-1)?.id;
	return {
		change: {
			...(at === undefined ? {} : {at}),
			...(tasks.size > 0 ? {tasks: Object.fromEntries(tasks)} : {}),
			...(features.size > 0 ? {features: Object.fromEntries(features)} : {}),
			...(Object.keys(control).length > 0 ? {control} : {}),
		},
		texts: [...texts],
	};
};
