import type {PlanRoom} from '../../room/planning/plan.ts';
import type {Borrowed} from '../client/via-room.ts';

/** What planning needs, where no room runs: the team is the configured one, and nobody of another room is seen as gone. */
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
