import {eventLine, statusLine} from '../../core/protocol/output.ts';
import type {EventLine, StatusLine, TaskLine} from '../../core/protocol/output-schema.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {type TeamSnapshot, tellRecovery} from '../../core/team/snapshot.ts';
import {follow} from '../../socket/client.ts';
import {RoomAbsent} from '../../socket/errors.ts';
import type {Invocation} from '../parse/command.ts';
import {refused} from './answers.ts';
import {askIfRunning, askSocket, socketOf} from './client.ts';
import {type Borrowed, viaRoomOrRedis} from './via-room.ts';

/** Without any agent the reason is not missing agents: ready tasks wait for a room. */
export const withoutTeam = (tasks: readonly TaskLine[], team: TeamSnapshot): readonly TaskLine[] =>
	[...team.agents.values()].some(agent => agent.status !== 'stopped')
		? tasks
		: tasks.map(task => (task.state === 'ready' ? {...task, why: 'waits for a room'} : task));

/** The team's state: from the running room, else from Redis. */
export const readStatus = (invocation: Invocation): Promise<StatusLine> => {
	const viaRoom = async (): Promise<StatusLine | undefined> =>
		(await askIfRunning(invocation, {op: 'status'}))?.data as StatusLine | undefined;
	return viaRoomOrRedis(invocation, viaRoom, async ({coordination, place, configuration, base, address}) => {
		const {team, now} = await coordination.snapshot();
		const {root, name} = place.repository;
		const status = statusLine(
			{
				team,
				clockOffset: now - Date.now(),
				room: null,
				repository: {name, root, base, baseCommit: ''},
				redis: {isConnected: true, lostAt: 0, address},
				hasTestCommand: configuration.allowed.test !== undefined,
				isTrusted: configuration.isTrusted,
				conflicts: [],
				banners: team.control.recovery ? [{id: 'recovery', severity: 'error', text: tellRecovery(team.control.recovery), since: now}] : [],
			},
			Date.now(),
		);
		return {...status, tasks: withoutTeam(status.tasks, team)};
	});
};

/** Events to read: after `since`, oldest first, of one type or ('') all. */
export type Wanted = {readonly since: string; readonly type: string};

const A_READ = 1000;

/** The event log from Redis. */
export const readStream = async (
	{coordination}: Pick<Borrowed, 'coordination'>,
	{since, type}: Wanted,
	onEvent: (event: EventLine) => void,
): Promise<true> => {
	for (let from = since; ; ) {
		const events = await coordination.events(from, A_READ);
		for (const event of events) if (!type || event.type === type) onEvent(eventLine(event));
		if (events.length < A_READ) return true;
		from = events.at(-1)?.id ?? from;
	}
};

/** The event log from the room, endless with `isFollowing`; undefined without a room. */
export const readRoom = async (
	invocation: Invocation,
	{since, type}: Wanted,
	onEvent: (event: EventLine) => void,
	isFollowing = false,
): Promise<true | undefined> => {
	let refusal: Reply | undefined;
	const onLine = (reply: Reply): void => {
		if (!reply.ok) refusal = reply;
		else if (reply.data !== undefined) onEvent(reply.data as EventLine);
	};
	const gone = new AbortController();
	invocation.onReaderGone(() => gone.abort());
	try {
		const socketPath = socketOf(invocation);
		await askSocket(socketPath, {op: 'ping'});
		const asked = {op: 'events', since, follow: isFollowing, ...(type ? {type} : {})} as const;
		await follow(socketPath, asked, onLine, {signal: gone.signal, command: invocation.command});
	} catch (error) {
		if (!(error instanceof RoomAbsent)) throw error;
		return undefined;
	}
	if (refusal) throw refused(refusal);
	return true;
};
