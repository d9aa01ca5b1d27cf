import type {PlanRoom} from '../../room/planning/plan.ts';
import type {Borrowed} from '../client/via-room.ts';

/** Planning without a room: uses the configured team, and treats no other room's agents as gone. */
export const planningWithoutRoom = async ({
	coordination,
	configuration,
}: Borrowed): Promise<{readonly room: PlanRoom; readonly now: number}> => {
	const {team, now} = await coordination.snapshot();
	const {config} = configuration;
	return {
		now,
		room: {
			facts: {config, roomId: ''},
			link: {coordination, retryUntilWritten: write => write()},
			record: {team: () => team},
			slots: {team: () => config.team},
			lifecycle: {requestTick: () => undefined},
		},
	};
};
