/** The agent ends here with this exit code: a step said so, a command it ran failed, or the room took its task away. */
export class AgentEnds extends Error {
	override readonly name = 'AgentEnds';
	readonly exitCode: number;

	constructor(exitCode: number, message: string) {
		super(message);
		this.exitCode = exitCode;
	}
}
