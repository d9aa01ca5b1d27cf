import {type Agent, parseAgent} from '../core/agent.ts';
import {parseFeature} from '../core/feature.ts';
import {type Lock, type Waiter, waiterKey} from '../core/lock.ts';
import {emptySnapshot, foldControl, type TeamSnapshot} from '../core/snapshot.ts';
import {foldSpending} from '../core/spending.ts';
import {parseTask, type Task} from '../core/task.ts';
import {parseCounts} from '../core/window.ts';
import {eventsOf, fieldsOf, listOf, packedOf, recordsOf, rowsOf} from './replies.ts';

const readLocks = (reply: unknown): ReadonlyMap<string, Lock> =>
	new Map(
		rowsOf(reply, 4).map(([name, owner, until, takenAt]) => [
			String(name),
			{name: String(name), owner: String(owner), until: Number(until), takenAt: Number(takenAt)},
		]),
	);

const readWaiters = (reply: unknown): ReadonlyMap<string, Waiter> =>
	new Map(
		rowsOf(reply, 4)
			.map(([name, agent, since, until]) => ({name: String(name), agent: String(agent), since: Number(since), until: Number(until)}))
			.map(waiter => [waiterKey(waiter), waiter] as const),
	);

/** What the snapshot script answered as the state at its stream id, with the heartbeats of agents and the server's time, epoch ms. */
export const readSnapshot = (reply: unknown): {team: TeamSnapshot; beats: ReadonlyMap<string, number>; now: number} => {
	const [now, streamId, control, agents, locks, events, tasks, counts, features] = listOf(packedOf(reply));
	const rawTasks = recordsOf(tasks);
	const agentRows = rowsOf(agents, 3).map(([id, fields, beat]) => ({id: String(id), fields: fieldsOf(fields), beat: Number(beat)}));
	return {
		team: {
			streamId: String(streamId),
			at: Number(now),
			tasks: new Map<string, Task>([...rawTasks].map(([id, fields]) => [id, parseTask(id, fields)])),
			counts: parseCounts(fieldsOf(counts)),
			features: new Map([...recordsOf(features)].map(([id, fields]) => [id, parseFeature(id, fields)])),
			agents: new Map<string, Agent>(agentRows.map(({id, fields}) => [id, parseAgent(id, fields)])),
			locks: readLocks(listOf(locks)[0]),
			waiters: readWaiters(listOf(locks)[1]),
			control: foldControl(emptySnapshot.control, fieldsOf(control)),
			spending: foldSpending(emptySnapshot.spending, fieldsOf(control)),
			events: [...eventsOf(events)].reverse(),
			rawTasks,
			rawAgents: new Map(agentRows.map(({id, fields}) => [id, fields])),
		},
		beats: new Map(agentRows.map(({id, beat}) => [id, beat])),
		now: Number(now),
	};
};
