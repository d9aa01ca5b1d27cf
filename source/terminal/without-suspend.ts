import {withoutControl} from './control-key.ts';

/** What a person typed without Ctrl-Z. `bytes` itself where there is none in it: nothing else is ever touched. */
export const withoutSuspend = (bytes: Uint8Array): Uint8Array => {
	const typed = Buffer.from(bytes).toString('latin1');
	const left = withoutControl(typed, 'z');
	return left === typed ? bytes : Buffer.from(left, 'latin1');
};
