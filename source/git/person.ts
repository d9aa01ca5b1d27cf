import {oneLine} from './names.ts';

/** Who made a commit. */
export type Person = {readonly name: string; readonly email: string};

/** The author and committer of what the room itself commits. */
export const ROOM: Person = {name: 'agent-room', email: 'agent-room@localhost'};

const clean = (text: string, otherwise: string): string => oneLine(text, 100).replace(/[<>]/g, '').trim() || otherwise;

/** An agent's id as an author: `agent:dev:001` becomes `agent:dev:001 <agent-dev-001@agent-room.localhost>`. */
export const agentAsPerson = (id: string): Person => ({
	name: clean(id, ROOM.name),
	email: `${
		id
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, '-')
			.replace(/^-+|-+$/g, '') || 'agent'
	}@agent-room.localhost`,
});

/** Passed as environment, so that commits never depend on a configured identity. The room is always the committer. */
export const personEnvironment = ({name, email}: Person) => ({
	GIT_AUTHOR_NAME: clean(name, ROOM.name),
	GIT_AUTHOR_EMAIL: clean(email, ROOM.email),
	GIT_COMMITTER_NAME: ROOM.name,
	GIT_COMMITTER_EMAIL: ROOM.email,
});
