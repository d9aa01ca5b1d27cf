import {hostLines} from '../../core/protocol/hosts.ts';
import type {HostsPage} from '../../core/protocol/output-schema.ts';
import type {Room} from '../parts/parts.ts';

/** The machines of the team as Redis has them now. */
export const hostsPage = async ({link, record}: Pick<Room, 'link' | 'record'>): Promise<HostsPage> => {
	const {now, rooms, leader} = await link.coordination.rooms();
	return {at: now, hosts: hostLines(rooms, record.team(), {now, leader})};
};
