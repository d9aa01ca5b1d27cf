import {defineConfig} from 'vitest/config';

/** `npm run clis -- --table`: what is measured with real CLIs, one after the other, so that no CLI slows down another. */
export default defineConfig({
	test: {
		include: ['test/clis/table.measure.ts'],
		testTimeout: 900_000,
		hookTimeout: 60_000,
		pool: 'forks',
		maxWorkers: 1,
		setupFiles: ['test/set-up.ts'],
		reporters: ['default'],
	},
});
