import {setTimeout as wait} from 'node:timers/promises';
import {isNewer} from '../../core/team/snapshot.ts';
import type {Link, Room} from '../parts/parts.ts';
import {type RoomState, showingRefusals} from '../parts/state.ts';
import {rejoin} from '../recovery/recover.ts';
import type {RoomRedis} from '../redis/redis.ts';
import {isWriting} from '../redis/writes.ts';
import {beat} from '../scheduler/heartbeat.ts';

export type OpenLink = {
	readonly link: Link;
	/** From now on the room notices when Redis is lost or returns, and joins a new epoch of its data. */
	follow(room: Pick<Room, 'lifecycle'>): void;
	/** The room ends: ends all waits for Redis. */
	release(): void;
};

export const openLink = (redis: RoomRedis, record: RoomState, isRunning: () => boolean): OpenLink => {
	const {connection, epoch, address} = redis;
	const waiting = new Set<() => void>();
	const release = (): void => {
		for (const resolve of waiting) resolve();
		waiting.clear();
	};
	const whenConnected = async (): Promise<void> => {
		if (connection.isConnected || !isRunning()) {
			await wait(50);
			return;
		}
		await new Promise<void>(resolve => waiting.add(resolve));
	};
	const refused = showingRefusals(record);
	/** Our agents join an epoch that a human has started, here or in another room; then leases are compared. */
	let joining = Promise.resolve();
	const link: Link = {
		coordination: redis.coordination,
		retryUntilWritten: isWriting({whenConnected, isRunning, onRefused: words => refused('result', words)}),
		refused,
		isConnected: () => connection.isConnected,
		isRecovering: () => epoch.finding() !== '',
		finding: epoch.finding,
		journaled: redis.journal.catchUp,
		hasLostData: async () => (await epoch.check(connection)).code === 'lost',
		acceptData: async accepting => {
			await epoch.accept(connection, accepting);
			await epoch.check(connection);
			await joining;
		},
		whenConnected,
	};
	const follow = (room: Room): void => {
		const {log} = room.facts;
		const isThere = {isConnected: true, lostAt: 0, address, problem: '', retryAt: 0};
		record.setRedis(isThere);
		epoch.follow(() => {
			const [{streamId, tasks}, at] = [record.team(), redis.journal.at()];
			return {streamId: isNewer(at, streamId) ? at : streamId, hasTasks: tasks.size > 0};
		});
		epoch.onNewEpoch(() => {
			joining = joining
				.then(() => rejoin(room))
				.then(() => beat(room))
				.catch(error => log(`joining the new epoch: ${error instanceof Error ? error.message : String(error)}`));
		});
		connection.onLost(() => record.setRedis({...isThere, isConnected: false, lostAt: Date.now()}));
		connection.onRestored(() => {
			record.setRedis(isThere);
			release();
			// Leases are verified after a reconnect, never assumed.
			beat(room).catch(error => log(`heartbeat: ${String(error)}`));
		});
	};
	return {link, follow, release};
};
