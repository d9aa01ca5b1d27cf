/** What the record tells of one task. */
export type TaskHistory = {
	/** Every end that it came to; exactly one is right. */
	readonly ends: string[];
	stage: string;
	/** The token of the lease that stands; '' for none. */
	token: string;
	holder: string;
	after: readonly string[];
	commit: string;
	/** The token under which its commit was accepted. */
	developedUnder: string;
	author: string;
	reviewer: string;
};

export type History = {
	readonly tasks: ReadonlyMap<string, TaskHistory>;
	/** Task by every token that was issued. */
	readonly claims: ReadonlyMap<string, string>;
	/** By the token that held the task at that moment: what was accepted under it. */
	readonly completions: ReadonlyMap<string, {readonly task: string; readonly stage: string}>;
};

/** Entries after which a task is held by nobody, with the end that they bring, if they bring one. */
const LEAVING: Readonly<Record<string, string>> = {
	task_completed: '',
	attempt_failed: '',
	task_released: '',
	task_reclaimed: '',
	task_merged: 'merged',
	task_failed: 'failed',
	task_cancelled: 'cancelled',
};

type Wrong = (kind: 'lost' | 'twice' | 'other', task: string, text: string) => void;
type Entry = {readonly type: string; readonly agent: string; readonly fields: ReadonlyMap<string, string>};

const startOf = (fields: ReadonlyMap<string, string>): TaskHistory => ({
	ends: [],
	stage: fields.get('t:stage') ?? '',
	token: '',
	holder: '',
	after: (fields.get('t:after') ?? '').split(',').filter(Boolean),
	commit: '',
	developedUnder: '',
	author: '',
	reviewer: '',
});

/** Folds the stream from its first entry on, calling out what no order of events may bring about. Types of events that it does not know change nothing. */
export const createHistory = (stream: readonly (readonly string[])[], wrong: Wrong): History => {
	const tasks = new Map<string, TaskHistory>();
	const claims = new Map<string, string>();
	const completions = new Map<string, {readonly task: string; readonly stage: string}>();

	const claim = (id: string, task: TaskHistory, {type, agent, fields}: Entry): void => {
		const token = fields.get('t:token') ?? '';
		const isJoining = type === 'task_joined' || type === 'task_batched';
		// It is merged, or tested, in one step with the task that it names, under the lease of that one.
		if (isJoining && tasks.get(fields.get('text') ?? '')?.token !== token)
			wrong('twice', id, `joined ${type === 'task_joined' ? 'a merge' : 'a test'} under ${token}, which does not stand`);
		else if (!isJoining && claims.has(token))
			wrong('twice', id, `was claimed under ${token}, which was issued before for ${claims.get(token)}`);
		if (task.token) wrong('twice', id, `was claimed by ${agent} while ${task.holder} held it under ${task.token}`);
		for (const before of task.after)
			if (!tasks.get(before)?.ends.includes('merged')) wrong('other', id, `was claimed before ${before}, which it comes after, was merged`);
		if (!isJoining) claims.set(token, id);
		task.token = token;
		task.holder = agent;
	};
	const complete = (id: string, task: TaskHistory, {type, fields}: Entry): void => {
		if (!task.token) wrong('twice', id, `has a result of ${task.stage} that nobody held it for`);
		completions.set(task.token, {task: id, stage: task.stage});
		const next = fields.get('t:stage') ?? task.stage;
		if (task.stage === 'develop') {
			task.author = task.holder;
			task.commit = fields.get('t:commit') ?? '';
			task.developedUnder = task.token;
		} else if (task.stage === 'review' && next !== 'develop') task.reviewer = task.holder;
		if (type === 'task_merged') {
			if (task.stage !== 'merge') wrong('other', id, `was merged from ${task.stage}`);
			if (new Set([task.author, task.reviewer, task.holder]).size < 3)
				wrong('other', id, `author ${task.author}, reviewer ${task.reviewer} and merger ${task.holder} are not three`);
		}
		task.stage = next;
	};

	/** A person has rebuilt what Redis had lost: every row is absolute, and nobody holds a task any more. What has ended stays so. */
	const rebuild = (id: string, task: TaskHistory, {fields}: Entry): void => {
		// A name may come twice in an entry: the last one counts.
		const state = fields.get('t:state') ?? '';
		if (task.ends.length > 0 && state !== task.ends[0]) wrong('twice', id, `was rebuilt as ${state} after it had ended as ${task.ends[0]}`);
		if (task.ends.length === 0 && Object.values(LEAVING).includes(state) && state !== '') task.ends.push(state);
		task.stage = fields.get('t:stage') ?? task.stage;
		task.commit = fields.get('t:commit') ?? task.commit;
		task.author = fields.get('t:author') ?? task.author;
		task.reviewer = fields.get('t:reviewer') ?? task.reviewer;
		task.token = '';
		task.holder = '';
	};

	for (const [, ...flat] of stream) {
		const fields = new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : [])));
		const entry = {type: fields.get('type') ?? '', agent: fields.get('agent') ?? '', fields};
		const id = fields.get('task') ?? '';
		const task = tasks.get(id);
		if (entry.type === 'task_submitted') {
			if (task) wrong('twice', id, 'was submitted twice');
			else tasks.set(id, startOf(fields));
			continue;
		}
		if (entry.type === 'task_rebuilt' && task) {
			rebuild(id, task, entry);
			continue;
		}
		const end = LEAVING[entry.type];
		const isClaim = ['task_claimed', 'task_joined', 'task_batched'].includes(entry.type);
		if (!isClaim && end === undefined) continue;
		if (!task) {
			wrong('other', id, `${entry.type} before it was submitted`);
			continue;
		}
		if (task.ends.length > 0) wrong('twice', id, `${entry.type} after it had ended as ${task.ends[0]}`);
		if (isClaim) claim(id, task, entry);
		else {
			if (entry.type === 'task_completed' || entry.type === 'task_merged') complete(id, task, entry);
			task.token = '';
			task.holder = '';
			if (end) task.ends.push(end);
		}
	}
	return {tasks, claims, completions};
};
