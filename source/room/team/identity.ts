import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {dirname, join} from 'node:path';
import {bootIdentity, keptId, machineId} from '../../os/machine.ts';

/** A room's identity in its team. It does not depend on a path or a host name. */
export type RoomIdentity = {
	/** `room:<id>`: the same in every life of it. */
	readonly name: string;
	/** `room:<id>:<life>`: this life of it. */
	readonly life: string;
	readonly machine: string;
	/** Process ids are valid only on this machine and boot. */
	readonly boot: string;
	readonly host: string;
};

/** The name of all lives of this state folder's room on this machine; made once. */
export const roomName = (stateFolder: string): string => `room:${keptId(join(stateFolder, `room-${machineId(dirname(stateFolder))}`))}`;

/** Ids of all lives of a room start alike, so that a later life recognizes what an earlier one left. */
export const livesOf = (name: string): string => `${name}:`;

export const beginIdentity = (stateFolder: string): RoomIdentity => {
	const name = roomName(stateFolder);
	return {
		name,
		life: `${livesOf(name)}${randomBytes(4).toString('hex')}`,
		machine: machineId(dirname(stateFolder)),
		boot: bootIdentity(),
		host: hostname(),
	};
};
