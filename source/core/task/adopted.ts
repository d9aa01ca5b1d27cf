/** A session of an agent CLI by its own id. */
export type SessionId = {readonly cli: string; readonly id: string};

/** `<cli> <id>` as a task holds it; undefined for anything else. An id becomes an argument: only the characters of real ids are allowed. */
export const readAdopted = (text: string): SessionId | undefined => {
	const [, cli, id] = /^([a-z]+) ([A-Za-z0-9][A-Za-z0-9_.-]{0,99})$/.exec(text) ?? [];
	return cli === undefined || id === undefined ? undefined : {cli, id};
};
