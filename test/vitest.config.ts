import {defineConfig} from 'vitest/config';

/** Stories drive the real program and are many seconds long; files run side by side on at most as many workers as a small machine has cores. */
export default defineConfig({
	test: {
		include: ['test/**/*.test.{ts,tsx}'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		pool: 'forks',
		maxWorkers: 3,
		reporters: ['default'],
	},
});
