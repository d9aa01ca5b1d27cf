import type {Harness} from './harness.ts';

/**
 * The scripted agent: behaves like an agent CLI from a script, with no key and no cost (`programs/scripted`). `node` is the room's own
 * executable and `program` the bundle's `program.js`; both come from above, since this floor knows no paths. A script file is given with
 * `args: [--script, FILE]` in the team, or in `AGENT_ROOM_SCRIPT`.
 */
export const scriptedHarness = ({node, program}: {readonly node: string; readonly program: string}): Harness => ({
	name: 'scripted',
	command: [node, program, 'scripted'],
	finish: 'exit',
});
