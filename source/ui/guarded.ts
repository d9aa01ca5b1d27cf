/** Lets a fault of one screen end that screen and nothing else: without somebody who takes it, it is thrown as ever. */
export const guardedBy =
	(onBroken: ((error: unknown) => void) | undefined) =>
	<Given extends readonly unknown[]>(run: (...given: Given) => void) =>
	(...given: Given): void => {
		try {
			run(...given);
		} catch (error) {
			if (!onBroken) throw error;
			onBroken(error);
		}
	};
