import {expect, test} from 'vitest';
import {RedisLost} from '../../../source/redis/errors.ts';
import {trying} from '../../../source/room/parts/replies.ts';

test('a step that fails is named and keeps no other from its turn; where Redis is away none is tried', async () => {
	const lines: string[] = [];
	const log = (line: string): void => void lines.push(line);
	const steps = [1, 2, 3].map(step => trying({facts: {log}}, `step ${step}`, async () => Promise.reject(new Error(`WRONGTYPE ${step}`))));
	await Promise.all(steps);
	expect(lines).toEqual(['step 1: WRONGTYPE 1', 'step 2: WRONGTYPE 2', 'step 3: WRONGTYPE 3']);
	await expect(trying({facts: {log}}, 'step 4', async () => Promise.reject(new RedisLost(false)))).rejects.toThrow(RedisLost);
	expect(lines).toHaveLength(3);
});
