/** The room cannot start here; one sentence for the person, with what to do. `code` is the machine's word for it. */
export class RoomRefused extends Error {
	readonly code: string;
	readonly hint: string;

	constructor(code: string, message: string, hint: string) {
		super(message);
		this.name = 'RoomRefused';
		this.code = code;
		this.hint = hint;
	}
}
