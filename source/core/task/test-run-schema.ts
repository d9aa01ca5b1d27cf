import * as z from 'zod';
import type {Inferred} from '../text/inferred.ts';
import {RUN_ENDS} from './test-run.ts';

export const testRunSchema = z.object({
	/** Exit code, -1 for none. */
	exit: z.int(),
	ms: z.number().min(0),
	end: z.enum(RUN_ENDS),
	/** Only the tests that `affected` chose; all of them without it. */
	isAffected: z.boolean().optional(),
});
export type TestRun = Inferred<typeof testRunSchema>;
