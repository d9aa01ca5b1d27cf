import {fstatSync, readdirSync} from 'node:fs';

/** Open descriptors of this process from 3 on; none if unknown. */
const openDescriptors = (): readonly number[] => {
	try {
		return readdirSync('/dev/fd')
			.map(Number)
			.filter(fd => fd > 2);
	} catch {
		return [];
	}
};

const isDevice = (fd: number): boolean => {
	try {
		return fstatSync(fd).isCharacterDevice();
	} catch {
		// It was the descriptor that read the folder.
		return false;
	}
};

/**
 * `stdio` entries after the first three that hide this process's terminals from a child: each is replaced by `nullFd`. Node's children
 * inherit terminal masters, and one that outlives the room would keep its agents alive.
 */
export const withoutTerminals = (nullFd: number): readonly (number | 'ignore')[] => {
	const devices = new Set(openDescriptors().filter(isDevice));
	return Array.from({length: Math.max(2, ...devices) - 2}, (_, at) => (devices.has(at + 3) ? nullFd : 'ignore'));
};
