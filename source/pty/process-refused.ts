/** A process that cannot be started: its program is missing or not executable, or its folder is gone. The message names it. */
export class ProcessRefused extends Error {
	override readonly name = 'ProcessRefused';
}
