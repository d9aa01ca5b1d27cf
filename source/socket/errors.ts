/** Nobody listens on the socket: there is no room, or it has died. */
export class RoomAbsent extends Error {
	override readonly name = 'RoomAbsent';
	/** The socket itself is gone. That of an attempt goes with the attempt; a room that died leaves it where it is. */
	readonly isGone: boolean;
	constructor(path: string, {isGone = false}: {readonly isGone?: boolean} = {}) {
		super(`No room listens on \`${path}\`.`);
		this.isGone = isGone;
	}
}

/** The room took the request and gave no answer: it was too slow, or it ended. Whether the request took effect is not known. */
export class RoomSilent extends Error {
	override readonly name = 'RoomSilent';
}

/** A live room listens on the socket already. */
export class SocketTaken extends Error {
	override readonly name = 'SocketTaken';
	constructor(path: string) {
		super(`A room already listens on \`${path}\`.`);
	}
}

/** The folder of the socket could be entered by somebody else. */
export class SocketUnsafe extends Error {
	override readonly name = 'SocketUnsafe';
}
