import type {RoomEvent} from './event.ts';

/** What of the record tells of one task, oldest first, and who has it at its end (an agent's id, '' for nobody). */
export type TaskRecord = {readonly events: readonly RoomEvent[]; readonly owner: string};

export const emptyRecord: TaskRecord = {events: [], owner: ''};

/** Entries that are kept, the newest and the very first; nobody scrolls further back. */
const MOST_EVENTS = 1000;

/** What an agent does about locks and questions carries no task: it belongs to the one that the agent has at that moment. */
const isOfOwner = ({type, agentFields}: RoomEvent): boolean =>
	type.startsWith('lock_') || (type === 'agent_described' && agentFields.status !== undefined && agentFields.status !== 'working');

/** The record of a task with what happened since; entries come in order, each once. */
export const addToRecord = (before: TaskRecord, id: string, happened: readonly RoomEvent[]): TaskRecord => {
	const events = [...before.events];
	let {owner} = before;
	for (const event of happened) {
		const isOwn = event.task === id;
		if (isOwn || (owner !== '' && event.agent === owner && event.task === '' && isOfOwner(event))) events.push(event);
		if (isOwn && event.taskFields.owner !== undefined) owner = event.taskFields.owner;
	}
	const [first] = events;
	return {events: first && events.length > MOST_EVENTS ? [first, ...events.slice(1 - MOST_EVENTS)] : events, owner};
};
