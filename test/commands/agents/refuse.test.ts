import {mkdirSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {isForAgents} from '../../../source/commands/parse/command.ts';
import {COMMANDS} from '../../../source/commands/table.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {cleanEnvironment, node, startProgram} from '../../helpers/program.ts';
import {binFile} from '../../helpers/room.ts';

test('an agent may run what speaks for it, and the help', () => {
	expect(
		COMMANDS.filter(isForAgents)
			.map(({name}) => name)
			.toSorted(),
	).toEqual(['help', 'mcp', 'report']);
});

test('whatever an agent does to its environment, its command is refused as long as it descends from it; in a place of its own it is the person', async () => {
	const folder = temporaryFolder('r');
	mkdirSync(join(folder, 'states', 'agent-room', 'p-1'), {recursive: true});
	symlinkSync(folder, join(folder, 'link'));
	/** `doctor --quick` below a process that has the mark of a room; the shell waits, so that it stays the parent. */
	const below = (states: string) =>
		startProgram(['sh', '-c', 'env -u AGENT_ROOM_STATE XDG_STATE_HOME="$1" "$2" "$3" config print; exit $?', 'sh', states, node, binFile], {
			cwd: folder,
			env: cleanEnvironment({HOME: folder, AGENT_ROOM_STATE: join(folder, 'states', 'agent-room', 'p-1')}),
		}).ended;
	const refused = {code: 1, stderr: expect.stringContaining('`agent-room config` is for humans only; a program of `p-1` is an agent.')};
	expect(await below(join(folder, 'states'))).toMatchObject(refused);
	expect(await below(join(folder, 'link', 'states', '..', 'states'))).toMatchObject(refused);
	expect((await below(join(folder, 'elsewhere'))).stderr).not.toContain('human');
});
