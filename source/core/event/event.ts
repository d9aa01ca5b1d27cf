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

const putAll = (into: Record<string, string>, flat: unknown): void => {
	if (!Array.isArray(flat)) return;
	for (let index = 0; index + 1 < flat.length; index += 2) into[String(flat[index])] = String(flat[index + 1]);
};

/** The JSON object in an entry's field `event`; empty if a stranger wrote it. */
const unpacked = (text: string): Readonly<Record<string, unknown>> => {
	try {
		const read: unknown = JSON.parse(text);
		return typeof read === 'object' && read !== null ? {...read} : {};
	} catch {
		return {};
	}
};

/**
 * Reads a stream entry: one field `event` with a JSON object of `type`, `task`, `agent`, `text`, `was`, `by` and flat lists of fields: `t` of
 * the task, `a` agent, `l` lock (`name`, `owner`, `until`; an empty owner means released), `c` control, `f` feature (`id`). Entries of data
 * version 2 have a stream field for each of them, `t:state` and so on. Never throws.
 */
export const parseEvent = (id: string, fields: readonly string[]): RoomEvent => {
	const plain: Record<string, string> = {};
	const byPrefix: Record<string, Record<string, string>> = {t: {}, a: {}, l: {}, c: {}, f: {}};
	if (fields[0] === 'event' && fields.length === 2) {
		const event = unpacked(fields[1] ?? '');
		for (const name of ['type', 'task', 'agent', 'text', 'was', 'by']) {
			const value = event[name];
			if (typeof value === 'string' || typeof value === 'number') plain[name] = String(value);
		}
		for (const [prefix, group] of Object.entries(byPrefix)) putAll(group, event[prefix]);
	} else
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
