import type {Attack} from '../attack.ts';
import {PERSON} from './person.ts';
import {PROCESSES} from './processes.ts';
import {READING} from './reading.ts';
import {REPOSITORY} from './repository.ts';
import {ROOM} from './room.ts';

/** The list that the hostile agent is handed, in its order: what only reads comes first, what may end it comes last. */
export const ATTACKS: readonly Attack[] = [...READING, ...ROOM, ...REPOSITORY, ...PERSON, ...PROCESSES];
