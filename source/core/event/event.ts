/**
 * One entry of the stream `events`. It carries every field that the transition wrote, so that folding entries in order equals reading the
 * hashes (`reduce` in `core/team/snapshot.ts`).
 */
export type RoomEvent = {
	/** Stream id, `<ms>-<n>`; `<ms>` is server time. */
	readonly id: string;
	readonly at: number;
	/** Also the pub/sub channel `events:<type>`; past tense with its subject, such as `task_completed`. */
	readonly type: string;
	readonly task: string;
	readonly agent: string;
	/** The task's previous state; '' for a new task, or if the event did not write the state. */
	readonly was: string;
	readonly text: string;
	/** How you gave the order that wrote it (`tellWay`); '' without one. */
	readonly by: string;
	readonly taskFields: Readonly<Record<string, string>>;
	readonly agentFields: Readonly<Record<string, string>>;
	readonly lockFields: Readonly<Record<string, string>>;
	readonly controlFields: Readonly<Record<string, string>>;
	readonly featureFields: Readonly<Record<string, string>>;
};

/** Entries that change no state; rooms write them (`Coordination.appendEvent`), each once. */
const NOTES = [
	...(['base_moved', 'base_failing', 'entry_removed', 'test_flaky', 'conflict_predicted', 'conflict_gone'] as const),
	'merges_go_to',
	/** The sandbox blocked a host. */
	'network_refused',
	/** Outcomes of texts delivered to an agent's program (`core/session/session.ts`). */
	...(['prompt_proved', 'prompt_rejected', 'prompt_unknown'] as const),
	/** An order of somebody other than you (`core/authority`). */
	'order_refused',
] as const;
export type Note = {readonly type: (typeof NOTES)[number]; readonly task: string; readonly agent: string; readonly text: string};

/**
 * Reads a stream entry. Fields are `type`, `task`, `agent`, `text`, `was`, `by` and prefixed ones: `t:` task, `a:` agent, `l:` lock
 * (`name`, `owner`, `until`; an empty owner means released), `c:` control, `f:` feature (`id`).
 */
export const parseEvent = (id: string, fields: readonly string[]): RoomEvent => {
	const plain: Record<string, string> = {};
	const byPrefix: Record<string, Record<string, string>> = {t: {}, a: {}, l: {}, c: {}, f: {}};
	for (let index = 0; index + 1 < fields.length; index += 2) {
		const key = fields[index] ?? '';
		const value = fields[index + 1] ?? '';
		const group = key[1] === ':' ? byPrefix[key[0] ?? ''] : undefined;
		if (group) group[key.slice(2)] = value;
		else plain[key] = value;
	}
	return {
		id,
		at: Number(id.split('-')[0]) || 0,
		type: plain.type ?? '',
		task: plain.task ?? '',
		agent: plain.agent ?? '',
		text: plain.text ?? '',
		was: plain.was ?? '',
		by: plain.by ?? '',
		taskFields: byPrefix.t ?? {},
		agentFields: byPrefix.a ?? {},
		lockFields: byPrefix.l ?? {},
		controlFields: byPrefix.c ?? {},
		featureFields: byPrefix.f ?? {},
	};
};
