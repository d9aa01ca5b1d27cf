/** The lead of a team: one of its rooms does what must not be done twice. */
export type Leadership = {
	/**
	 * This room leads. Guarantee: true for at most one lease after the last renewal was requested, by this machine's own clock, so no other room can
	 * lead before.
	 */
	readonly isOurs: () => boolean;
	/** The room (`room:<id>:<life>`) known to lead; '' if unknown. */
	readonly room: () => string;
	/** This room's leader token, '' if it does not lead. */
	readonly token: () => string;
	/** Runs one write of the leader. Throws `LeadLost`, with nothing written, where another room leads. */
	readonly as: <T>(write: () => Promise<T>) => Promise<T>;
};
