import {defineConfig} from 'vitest/config';
import {findOnPath} from '../source/os/find-program.ts';
import {pathWithOwnPrograms} from '../source/os/packages/own-programs.ts';
import {SlowFirst} from './slow-first.ts';
import {runEnvironment} from './temporary.ts';

// React as the program has it (source/build.js): what React's own development needs besides is an eighth of the time of a screen's tests.
process.env.NODE_ENV = 'production';
// What `setup` has unpacked for this user, as `agent-room` itself finds it.
process.env.PATH = pathWithOwnPrograms(process.env);
Object.assign(process.env, runEnvironment(process.env));

/** Where a machine has none, its tests say so: `npm test` installs it. */
const valkey = findOnPath('valkey-server', process.env.PATH ?? '') ?? 'valkey-server';

/** Rooms whose tests are about what a server does: everything else of a room speaks to it by the scripts, which all run on both. */
const ROOMS = 'redis/{epoch,faults-epoch,redis},scheduler/follow';

/**
 * Stories drive the real program and are many seconds long, much of which they wait: twice as many files run side by side as a small machine has cores.
 * What speaks to Redis runs on Valkey besides (`--project redis` leaves that out).
 */
export default defineConfig({
	test: {
		// Far more than a test takes: on a machine that does much else a story takes ten times as long. What a test waits for in vain it names before.
		testTimeout: 300_000,
		hookTimeout: 60_000,
		pool: 'forks',
		maxWorkers: 4,
		// A worker keeps what it has loaded from file to file: hence a test puts back clocks, variables and spies, and replaces no module.
		isolate: false,
		setupFiles: ['test/set-up.ts'],
		sequence: {sequencer: SlowFirst},
		// A test that passes only when run again is a defect, of the test or of the product: here as in CI it fails.
		retry: 0,
		projects: [
			{
				extends: true,
				test: {
					name: 'redis',
					include: ['test/**/*.test.{ts,tsx}'],
					// CI, which names its CLIs, has one story of them for each promise; these run where all CLIs are installed (`npm run clis`).
					exclude: process.env.TEST_CLIS
						? ['test/stories/real-{limit,resumed,roles}.test.ts', 'test/room/session/real-{retrying,stopped}.test.ts']
						: [],
				},
			},
			{
				extends: true,
				test: {
					name: 'valkey',
					include: ['test/{redis,lua}/**/*.test.ts', `test/room/{${ROOMS}}.test.ts`],
					// Random orders against a model, and long records: what they find is in the scripts, not in the server.
					exclude: ['test/lua/**/model.test.ts', ...(process.env.TEST_CASES === 'all' ? [] : ['test/redis/{record,growth}.test.ts'])],
					env: {AGENT_ROOM_REDIS_SERVER: valkey},
				},
			},
		],
	},
});
