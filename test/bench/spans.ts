/** What `events --json` and `run --json` print of the record, as far as times are concerned. */
export type Told = {
	readonly at: number;
	readonly type: string;
	readonly task: string;
	readonly agent: string;
	readonly stage: string;
	readonly state: string;
	readonly text: string;
};

/** One attempt at one stage. Moments in ms of the server: ready for it, claimed, its place made, its process started, handed in. */
export type Span = {
	readonly task: string;
	readonly stage: string;
	readonly agent: string;
	readonly readyAt: number;
	readonly claimedAt: number;
	placedAt: number;
	startedAt: number;
	doneAt: number;
	/** Given back without a result: built again on another candidate. */
	isVoid: boolean;
};

/** Every attempt, in the order of their claims, from the times that the record carries. */
export const readSpans = (events: readonly Told[]): readonly Span[] => {
	const readyAt = new Map<string, number>();
	const open = new Map<string, Span>();
	const spans: Span[] = [];
	for (const {type, task, agent, at, state, text} of events) {
		// What boards with the head of the train lands with it, and is claimed by nobody.
		if (type === 'task_claimed' || type === 'task_joined' || type === 'task_batched') {
			const stage = type === 'task_joined' ? 'merge' : type === 'task_batched' ? 'test' : text;
			const span = {
				task,
				agent,
				stage,
				readyAt: readyAt.get(task) ?? at,
				claimedAt: at,
				placedAt: 0,
				startedAt: 0,
				doneAt: 0,
				isVoid: false,
			};
			open.set(task, span);
			spans.push(span);
			continue;
		}
		const span = open.get(task);
		if (span && span.agent === agent && state === '') {
			// Making the place writes where it is; a reviewer's place has nothing to write.
			if (type === 'task_progressed') span.placedAt ||= at;
			if (type === 'agent_updated') {
				span.placedAt ||= at;
				span.startedAt ||= at;
			}
		}
		if (task === '' || state === '') continue;
		readyAt.set(task, at);
		if (!span) continue;
		span.doneAt = at;
		span.isVoid = type !== 'task_completed' && type !== 'task_merged';
		open.delete(task);
	}
	for (const span of spans) {
		span.placedAt ||= span.claimedAt;
		span.startedAt ||= span.placedAt;
	}
	return spans.filter(({doneAt}) => doneAt > 0);
};

/** Parts of a makespan in ms. */
export type Parts = Readonly<Record<string, number>>;

/** What each part of a team's work takes at least: the agents' and the test command's own time, ms by stage. */
export type Own = Readonly<Record<string, number>>;

const STAGES = ['develop', 'review', 'test'];

/** Splits one attempt into its parts; `waitedFrom` is when it could have been claimed. */
const partsOf = (span: Span, waitedFrom: number, own: Own): Parts => {
	const {stage} = span;
	if (span.isVoid) return {'train: built again': span.doneAt - waitedFrom};
	if (stage === 'merge') return {'train: the cars ahead': span.claimedAt - waitedFrom, merging: span.doneAt - span.claimedAt};
	const worked = own[stage] ?? 0;
	return {
		[`${stage}: waiting for a claim`]: span.claimedAt - waitedFrom,
		[`${stage}: making its place`]: span.placedAt - span.claimedAt,
		[`${stage}: starting the process`]: span.startedAt - span.placedAt,
		[`${stage}: at work`]: worked,
		[`${stage}: ending, saving, handing in`]: span.doneAt - span.startedAt - worked,
	};
};

const sum = (all: readonly Parts[]): Parts => {
	const total: Record<string, number> = {};
	for (const parts of all) for (const [name, ms] of Object.entries(parts)) total[name] = (total[name] ?? 0) + ms;
	return total;
};

/**
 * The makespan as a chain without a gap, ending with the task that was merged last: its stages back to its development, and before that
 * all that its developer did since the beginning. The parts add up to the makespan.
 */
export const criticalPath = (spans: readonly Span[], own: Own, beganAt: number): Parts => {
	const last = spans.filter(({stage}) => stage === 'merge').reduce((a, b) => (b.doneAt > a.doneAt ? b : a));
	const ofLast = spans.filter(({task}) => task === last.task);
	const developed = ofLast.find(({stage}) => stage === 'develop');
	if (!developed) return {};
	const before = spans.filter(
		({agent, stage, doneAt}) => agent === developed.agent && stage === 'develop' && doneAt <= developed.claimedAt && doneAt > beganAt,
	);
	const chain = [...before, ...ofLast].toSorted((a, b) => a.claimedAt - b.claimedAt);
	return sum(chain.map((span, at) => partsOf(span, chain[at - 1]?.doneAt ?? beganAt, own)));
};

/** The same parts as a mean over all tasks; what a developer waits for is counted from the end of its last task on. */
export const meanParts = (spans: readonly Span[], own: Own, beganAt: number): Parts => {
	const freeAt = new Map<string, number>();
	const all = spans.map(span => {
		const free = freeAt.get(span.agent) ?? beganAt;
		freeAt.set(span.agent, span.doneAt);
		return partsOf(span, span.stage === 'develop' ? Math.max(free, span.readyAt) : span.readyAt, own);
	});
	const tasks = new Set(spans.map(({task}) => task)).size;
	return Object.fromEntries(Object.entries(sum(all)).map(([name, ms]) => [name, ms / tasks]));
};

/** The parts in the order of the work. */
export const inOrder = (parts: Parts): readonly (readonly [name: string, ms: number])[] =>
	Object.entries(parts).toSorted(([a], [b]) => rank(a) - rank(b));
const rank = (name: string): number => {
	const stage = STAGES.indexOf(name.split(':')[0] ?? '');
	return stage < 0 ? (name.startsWith('merges') ? 90 : 99) : stage * 10;
};
