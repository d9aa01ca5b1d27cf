import type {Command} from './command.ts';
import {LOOKING_COMMANDS} from './table-looking.ts';
import {ROOM_COMMANDS} from './table-room.ts';
import {TEAM_COMMANDS} from './table-team.ts';
import {WORK_COMMANDS} from './table-work.ts';

/** Every command of the program as data; parsing, help, suggestions and the README read these rows. */
export const COMMANDS: readonly Command[] = [...ROOM_COMMANDS, ...WORK_COMMANDS, ...TEAM_COMMANDS, ...LOOKING_COMMANDS];
