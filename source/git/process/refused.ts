/**
 * A refusal of the git floor that a human can act on: `message` says what happened with the value in backticks, `hint` what to do next.
 * Both are one clean line. Anything else that is thrown here is a defect.
 */
export class GitRefused extends Error {
	readonly code: string;
	readonly hint: string;

	constructor(code: string, message: string, hint = '') {
		super(message);
		this.name = 'GitRefused';
		this.code = code;
		this.hint = hint;
	}
}
