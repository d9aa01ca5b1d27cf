import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {statOf} from '../../../source/os/proc.ts';
import {principalOf} from '../../../source/room/requests/caller.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';

/** A process in a session whose leader is not seen here: a thread of the kernel, or the first process of a container. */
const alone = readdirSync('/proc')
	.filter(name => /^\d+$/.test(name))
	.find(name => statOf(Number(name))?.session === 0);

test.runIf(alone !== undefined)('while the room merges, which has no process, no caller counts as an agent for that', () => {
	const attempt = (pid: number) => ({pid, token: '1:x', agent: {id: 'agent:merge:001'}});
	const sources = (pid: number): Parameters<typeof principalOf>[0] =>
		({slots: {attempts: () => [attempt(pid)]}, facts: {options: {stateFolder: join(temporaryFolder('caller'), 's')}}}) as never;
	const caller = {kind: 'proven', pid: Number(alone), command: 'status'} as const;
	expect(principalOf(sources(0), caller, 0).kind).toBe('person');
	expect(principalOf(sources(Number(alone)), caller, 0).kind).toBe('intruder');
});
