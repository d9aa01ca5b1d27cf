import {createHash} from 'node:crypto';
import {agentName} from '../../core/agent/agent.ts';
import {oneLine} from '../../core/text/quote.ts';

/**
 * Makes a task id safe for refs and paths: [a-z0-9-], at most 60 characters. A changed id gets part of its hash, so two ids never share a
 * name.
 */
export const slug = (id: string): string => {
	if (/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/.test(id)) return id;
	const hash = createHash('sha256').update(id).digest('hex').slice(0, 8);
	const plain = id
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+/, '')
		.slice(0, 48)
		.replace(/-+$/, '');
	return plain ? `${plain}-${hash}` : hash;
};

/** The value of `Room-Task:`: the id if it is a plain word, else its slug. Always one ASCII word. */
export const trailerValue = (id: string): string => (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/.test(id) ? id : slug(id));

export const attemptName = (task: string, attempt: number): string => `${slug(task)}-a${attempt}`;
/** A branch under `agent/`, unless the base has that name. */
export const attemptBranch = (task: string, attempt: number, base = ''): string =>
	`${base === 'agent' ? 'agents' : 'agent'}/${attemptName(task, attempt)}`;

/** A full object id of either hash, the only form of a commit here. */
export const isObjectId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

export type Person = {readonly name: string; readonly email: string};

/** Author and committer of the room's own commits. */
export const ROOM: Person = {name: 'agent-room', email: 'agent-room@localhost'};

const clean = (text: string, otherwise: string): string => oneLine(text, 100).replace(/[<>]/g, '').trim() || otherwise;

/** An agent as author, by the name that people know it by: `dev-1 <dev-1@agent-room.localhost>`. */
export const agentAsPerson = (id: string): Person => ({
	name: clean(agentName(id), ROOM.name),
	email: `${
		agentName(id)
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, '-')
			.replace(/^-+|-+$/g, '') || 'agent'
	}@agent-room.localhost`,
});

/** Passed as environment, independent of a configured identity. The room is always the committer. */
export const personEnvironment = ({name, email}: Person) => ({
	GIT_AUTHOR_NAME: clean(name, ROOM.name),
	GIT_AUTHOR_EMAIL: clean(email, ROOM.email),
	GIT_COMMITTER_NAME: ROOM.name,
	GIT_COMMITTER_EMAIL: ROOM.email,
});
