import {renameSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {readHolder} from '../../os/lock.ts';
import {mayBeAlive, ownIdentity} from '../../os/process-identity.ts';
import {RoomRefused} from '../redis/redis.ts';

export type FolderHold = {
	/** Takes again what was removed; says what is lost for good, '' for nothing. */
	look(): string;
};

/** Which folder this is: one that was made again in its place is another. '' without one. */
const markOf = (folder: string): string => {
	const found = statSync(folder, {throwIfNoEntry: false});
	return found?.isDirectory() ? `${found.dev} ${found.ino}` : '';
};

/**
 * Makes this process the only room of the state folder until it ends. Its socket alone does not: a room lives on when somebody, or a cleaner of
 * /tmp, removes the socket's file, and a second room would end the agents of the first. Call it with the socket open, which keeps others out of here
 * meanwhile. A room in another container cannot be seen: as before, only the socket keeps that out. Refuses with `RoomRefused`, naming the process.
 */
export const holdFolder = (stateFolder: string): FolderHold => {
	const file = join(stateFolder, 'holder.json');
	const own = ownIdentity();
	/** The pid of a living room that holds the folder, 0 for none. */
	const other = (): number => {
		const holder = readHolder(file);
		const isOther = holder?.place === own.place && (holder.pid !== own.pid || holder.startTime !== own.startTime);
		return isOther && mayBeAlive(holder) ? holder.pid : 0;
	};
	const pid = other();
	if (pid !== 0)
		throw new RoomRefused(
			'running',
			`A room already works in \`${stateFolder}\`: process ${pid}. Its socket was removed.`,
			`It opens a new one within a second. If it hangs: kill ${pid}`,
		);
	const write = (): void => {
		writeFileSync(`${file}.${own.pid}`, JSON.stringify(own), {mode: 0o600});
		renameSync(`${file}.${own.pid}`, file);
	};
	write();
	const mark = markOf(stateFolder);
	return {
		look: () => {
			if (markOf(stateFolder) !== mark) return 'its state folder was removed';
			if (other() !== 0) return 'another room took its state folder';
			if (readHolder(file)?.pid !== own.pid) write();
			return '';
		},
	};
};
