import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {dirname, join} from 'node:path';
import {bootIdentity, keptId, machineId} from '../../os/machine.ts';

/** Who a room is among the rooms of its team. Nothing of it follows from a path or from a host's name. */
export type RoomIdentity = {
	/** `room:<id>`: the same in every life of it. */
	readonly name: string;
	/** `room:<id>:<life>`: this life of it. */
	readonly life: string;
	readonly machine: string;
	/** What is known of processes is known of this machine and boot alone. */
	readonly boot: string;
	readonly host: string;
};

/** What all lives of the room of this state folder on this machine are called; made once. */
export const roomName = (stateFolder: string): string => `room:${keptId(join(stateFolder, `room-${machineId(dirname(stateFolder))}`))}`;

/** Ids of all lives of a room start alike, so that a later life knows what an earlier one left. */
export const livesOf = (name: string): string => `${name}:`;

/** A new life of the room of this state folder. */
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
