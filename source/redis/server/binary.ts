import {findOnPath, isExecutable} from '../../os/find-program.ts';

/** The server binary: `AGENT_ROOM_REDIS_SERVER` if set (must be a program), else `redis-server` or `valkey-server` from PATH. */
export const findServerBinary = (environment: Readonly<Record<string, string | undefined>>): string | undefined => {
	const chosen = environment.AGENT_ROOM_REDIS_SERVER;
	if (chosen) return isExecutable(chosen) ? chosen : undefined;
	const path = environment.PATH ?? '';
	return findOnPath('redis-server', path) ?? findOnPath('valkey-server', path);
};
