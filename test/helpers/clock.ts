import {spawnSync} from 'node:child_process';
import {closeSync, openSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {temporaryFolder} from './cleanup.ts';
import {startTestRedis, type TestRedis} from './redis.ts';

/** A server of the test's own whose time of day the test sets; its monotonic clock stays. */
export type SteppedRedis = TestRedis & {
	/** From now on its clock is so many seconds off. */
	readonly step: (seconds: number) => void;
};

const COMPILERS = [
	['tcc', '-nostdlib'],
	['cc', '-fPIC'],
	['gcc', '-fPIC'],
] as const;

/** Builds the preloaded clock with whatever small compiler is here. */
const compile = (library: string): void => {
	const source = join(import.meta.dirname, '../fixtures/clock.c');
	const isBuilt = COMPILERS.some(([name, ...flags]) => spawnSync(name, [...flags, '-shared', '-o', library, source]).status === 0);
	if (!isBuilt) throw new Error('No C compiler for the clock of the tests: `agent-room setup --with tcc` installs one.');
};

export const startSteppedRedis = async (seconds: number, settings: readonly string[] = []): Promise<SteppedRedis> => {
	const folder = temporaryFolder('clock');
	const [library, file] = [join(folder, 'clock.so'), join(folder, 'step')];
	compile(library);
	const step = (by: number): void => {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64LE(BigInt(by));
		const handle = openSync(file, 'a+');
		closeSync(handle);
		const writing = openSync(file, 'r+');
		writeSync(writing, bytes, 0, 8, 0);
		closeSync(writing);
	};
	step(seconds);
	const redis = await startTestRedis(settings, undefined, {LD_PRELOAD: library, TEST_CLOCK: file});
	return {...redis, step};
};
