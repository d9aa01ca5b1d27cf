import {type StatusLine, statusLine, type TaskLine} from '../core/output.ts';
import {tellRecovery} from '../core/recovery.ts';
import type {TeamSnapshot} from '../core/snapshot.ts';
import type {Invocation} from './command.ts';
import {askIfRunning} from './room-client.ts';
import {viaRoomOrRedis} from './via-room.ts';

/** Where nobody of the team is there, nobody is missing either: what is ready waits for a room. */
export const withoutTeam = (tasks: readonly TaskLine[], team: TeamSnapshot): readonly TaskLine[] =>
	[...team.agents.values()].some(agent => agent.status !== 'stopped')
		? tasks
		: tasks.map(task => (task.state === 'ready' ? {...task, why: 'waits for a room'} : task));

/** The state of the team: of the running room, or read from Redis where none runs. */
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
				hasTestCommand: configuration.config.test !== undefined,
				isTrusted: configuration.isTrusted,
				conflicts: [],
				banners: team.control.recovery ? [{id: 'recovery', severity: 'error', text: tellRecovery(team.control.recovery), since: now}] : [],
			},
			Date.now(),
		);
		return {...status, tasks: withoutTeam(status.tasks, team)};
	});
};
