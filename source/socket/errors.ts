/** Nothing listens on the socket: there is no room, or it crashed. */
export class RoomAbsent extends Error {
	override readonly name = 'RoomAbsent';
	/** The socket file is missing. An attempt's socket ends with the attempt; a crashed room leaves its own. */
	readonly isGone: boolean;
	constructor(path: string, {isGone = false}: {readonly isGone?: boolean} = {}) {
		super(`No room listens on \`${path}\`.`);
		this.isGone = isGone;
	}
}

/** The room did not reply in time, or ended. It is unknown whether the request took effect. */
export class RoomSilent extends Error {
	override readonly name: string = 'RoomSilent';
}

/** The room closed the connection without a reply: it is stopping, or crashed. */
export class RoomEnded extends RoomSilent {
	override readonly name = 'RoomEnded';
	constructor() {
		super('The room ended before it answered.');
	}
}

/** A running room already listens on the socket. */
export class SocketTaken extends Error {
	override readonly name = 'SocketTaken';
	constructor(path: string) {
		super(`A room already listens on \`${path}\`.`);
	}
}

/** Others could enter the socket's folder. */
export class SocketUnsafe extends Error {
	override readonly name = 'SocketUnsafe';
}
