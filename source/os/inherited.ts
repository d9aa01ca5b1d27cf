import {fstatSync, readdirSync} from 'node:fs';

/** The open descriptors of this process, from 3 on; none where the system does not tell. */
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
		// It was the one that read the folder.
		return false;
	}
};

/**
 * What `stdio` of a child needs behind its first three entries, so that it holds no terminal of this process: each is covered by `nullFd`.
 * A terminal's master is inherited by every program that Node starts, and a child that outlives the room would keep the agents of its panes alive.
 */
export const withoutTerminals = (nullFd: number): readonly (number | 'ignore')[] => {
	const devices = new Set(openDescriptors().filter(isDevice));
	return Array.from({length: Math.max(2, ...devices) - 2}, (_, at) => (devices.has(at + 3) ? nullFd : 'ignore'));
};
