import {AsyncLocalStorage} from 'node:async_hooks';
import {onTestFinished, test} from 'vitest';

const own = new AsyncLocalStorage<typeof onTestFinished>();

/** As vitest's: what is undone when the running test ends. Of tests side by side vitest knows only the one that began last; here each has its own. */
export const onFinished: typeof onTestFinished = (undo, timeoutMs) => (own.getStore() ?? onTestFinished)(undo, timeoutMs);

/**
 * Tests of one file that mostly wait, for seconds that the program takes before it looks again: those in a row wait at the same time. Whatever such
 * a test opens undoes itself by `onFinished`.
 */
export const testSideBySide = (title: string, run: () => Promise<void>): void =>
	test.concurrent(title, context => own.run(context.onTestFinished, run));
