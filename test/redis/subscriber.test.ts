import {expect, onTestFinished, test} from 'vitest';
import {aclLine} from '../../source/redis/commands-used.ts';
import {createSubscriber} from '../../source/redis/subscriber.ts';
import {startTestRedis} from '../helpers/redis.ts';
import {until} from '../helpers/wait.ts';

const LOCKS = '__keyspace@0__:workflow:locks:task:*';

test('the user of the printed line hears all hints, and one who may not hear a pattern hears the others, on one connection', async () => {
	const redis = await startTestRedis(['--notify-keyspace-events', 'KEA', '--enable-debug-command', 'local']);
	onTestFinished(() => redis.stop());
	const admin = await redis.connect();
	for (const [user, isWhole] of [
		['whole', true],
		['less', false],
	] as const) {
		const [command = '', ...words] = aclLine(user, '>p', 'workflow').split(' ');
		await admin.call(command, ...words.filter(word => isWhole || word !== `&${LOCKS}`));
		const heard: string[] = [];
		let listens = 0;
		const subscriber = createSubscriber(
			{socketPath: redis.socketPath, username: user, password: 'p'},
			{
				channels: () => ['workflow:events:task_completed'],
				patterns: () => [LOCKS],
				tracked: ['workflow:tasks:pending'],
				onMessage: channel => void heard.push(channel),
				onListening: () => void listens++,
			},
		);
		onTestFinished(() => subscriber.close());
		await until(() => listens > 0, {what: 'the first time'});
		await admin.call('SET', 'workflow:locks:task:a', user);
		await admin.call('PUBLISH', 'workflow:events:task_completed', 'x');
		await until(() => heard.includes('workflow:events:task_completed'), {what: () => `a hint: ${heard.join()}`});
		expect(heard.includes('__keyspace@0__:workflow:locks:task:a')).toBe(isWhole);
		// Another connection would have come long before so many commands were answered.
		for (let times = 0; times < 20; times++) await admin.call('DEBUG', 'SLEEP', '0.02');
		expect(listens).toBe(1);
	}
});
