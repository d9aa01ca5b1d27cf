import {fork} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {startTestRedis} from '../helpers/redis.ts';
import {readEvidence} from './judge.ts';

test('a recorder that is ended while the stream grows has read as many entries as it tells of', async () => {
	const redis = await startTestRedis();
	onTestFinished(redis.stop);
	const writer = await redis.connect();
	const folder = temporaryFolder('recorder');
	const ledger = join(folder, 'ledger');
	writeFileSync(ledger, '');
	let isWriting = true;
	const writes = async (): Promise<void> => {
		while (isWriting) await writer.call('XADD', 'events', '*', 'type', 'x');
	};
	const written = Promise.all(Array.from({length: 20}, writes));
	const records = async (number: number): Promise<readonly [number, number, string]> => {
		const stream = join(folder, `${number}.jsonl`);
		const recorder = fork(join(import.meta.dirname, 'recorder.ts'), [redis.socketPath, 'events', stream], {
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		});
		const ended = once(recorder, 'exit');
		recorder.send('end');
		await ended;
		const read = readEvidence({ledger, stream, repository: ''});
		return [read.stream.length, read.added, read.missed];
	};
	const all = await Promise.all([1, 2, 3].map(records)).finally(() => {
		isWriting = false;
	});
	await written;
	for (const [read, added, missed] of all) expect([added, missed]).toEqual([read, '']);
	expect(Math.min(...all.map(([read]) => read))).toBeGreaterThan(0);
});
