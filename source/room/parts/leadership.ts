/** Who does what is singular in the team: one room of all that have joined. */
export type Leadership = {
	/** This room leads. True no longer than a lease after the last renewal was asked for, by this machine's own clock: no other can lead before. */
	readonly isOurs: () => boolean;
	/** The room (`room:<id>:<life>`) that leads, as far as is known; '' if it is not. */
	readonly room: () => string;
	/** Its token where it leads, '' if it does not. */
	readonly token: () => string;
	/** Runs one write of the leader's. Throws `LeadLost`, with nothing written, where another leads. */
	readonly as: <T>(write: () => Promise<T>) => Promise<T>;
};
