import {type Agent, parseAgent} from '../core/agent.ts';
import {EVENTS_KEPT, type Lock, reduce, type TeamSnapshot} from '../core/snapshot.ts';
import {parseTask, type Task} from '../core/task.ts';
import {eventsOf, fieldsOf, listOf, rowsOf} from './replies.ts';

type Raw = Readonly<Record<string, string>>;

const readTasks = (pages: readonly unknown[]): ReadonlyMap<string, Raw> =>
	new Map(pages.flatMap(page => rowsOf(page, 2).map(([id, fields]) => [String(id), fieldsOf(fields)] as const)));

const readLocks = (reply: unknown): ReadonlyMap<string, Lock> =>
	new Map(
		rowsOf(reply, 4).map(([name, owner, until, takenAt]) => [
			String(name),
			{name: String(name), owner: String(owner), until: Number(until), takenAt: Number(takenAt)},
		]),
	);

/**
 * Reads the whole state. `page` runs the snapshot script; when the tasks need more than one page, the entries written meanwhile are read
 * with `entriesAfter` and folded over, which ends in the state at the last of them.
 */
export const readSnapshot = async (
	page: (cursor: string, eventCount: number) => Promise<unknown>,
	entriesAfter: (streamId: string) => Promise<unknown>,
): Promise<{team: TeamSnapshot; beats: ReadonlyMap<string, number>; now: number}> => {
	const [now, streamId, control, agents, locks, events, firstTasks, firstCursor] = listOf(await page('', EVENTS_KEPT));
	const pages = [firstTasks];
	let cursor = String(firstCursor);
	while (cursor !== '') {
		const next = listOf(await page(cursor, 1));
		pages.push(next[6]);
		cursor = String(next[7]);
	}
	const rawTasks = readTasks(pages);
	const agentRows = rowsOf(agents, 3).map(([id, fields, beat]) => ({id: String(id), fields: fieldsOf(fields), beat: Number(beat)}));
	const orders = fieldsOf(control);
	const first: TeamSnapshot = {
		streamId: String(streamId),
		at: Number(now),
		tasks: new Map<string, Task>([...rawTasks].map(([id, fields]) => [id, parseTask(id, fields)])),
		agents: new Map<string, Agent>(agentRows.map(({id, fields}) => [id, parseAgent(id, fields)])),
		locks: readLocks(locks),
		control: {paused: orders.paused === '1', drained: orders.drained === '1', frozen: orders.frozen === '1'},
		events: [...eventsOf(events)].reverse(),
		rawTasks,
		rawAgents: new Map(agentRows.map(({id, fields}) => [id, fields])),
	};
	return {
		team: pages.length === 1 ? first : reduce(first, eventsOf(await entriesAfter(first.streamId))),
		beats: new Map(agentRows.map(({id, beat}) => [id, beat])),
		now: Number(now),
	};
};
