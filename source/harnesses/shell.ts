import type {Harness} from './harness.ts';

/** Any command as an agent: it reads its brief from `AGENT_ROOM_BRIEF_FILE` and is done when it exits with 0. */
export const shellHarness = (command: readonly string[], name = 'shell'): Harness => ({name, command, finish: 'exit'});
