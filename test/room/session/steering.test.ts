import {expect, test} from 'vitest';
import {APPROVES, DEV_1, type EngineOptions, openEngine} from '../../helpers/engine.ts';
import {playsCodex} from '../../helpers/plays-codex.ts';

const openWith = (script: string, further: Partial<EngineOptions> = {}) =>
	openEngine({
		agents: {developer: playsCodex(script), 'code-sentinel': APPROVES},
		clis: {developer: {cli: 'codex'}},
		...further,
	});
const AT_WORK = 'begin; : >"$D/at-work"';
/** The next key, without waiting for a line. */
const KEY = 'old=$(stty -g); stty -icanon -echo min 1; key=$(dd bs=1 count=1 2>/dev/null | od -An -tx1); stty "$old"';

test('an interrupt is the key of the CLI, and its answer says that the turn has ended; nobody is reminded of a task that a person holds up', async () => {
	const room = await openWith(`${AT_WORK}\n${KEY}\necho "$key" >"$D/key"\nhook Interrupt\ntyped`);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('it works', () => room.has('at-work') && room.agent(DEV_1).status === 'working');
	expect(await room.ask({type: 'stop-agent', agent: DEV_1, how: 'interrupt'})).toEqual({ok: true, text: 'dev-1 was interrupted'});
	await room.when('it waits', () => room.agent(DEV_1).status === 'waiting' && room.agent(DEV_1).questionId !== '');
	expect(room.read('key')).toBe('1b');
	expect(room.agent(DEV_1).question).toBe('You interrupted its turn.');
	expect(room.read('typed')).toBe('');
	expect(room.task('t-1')).toMatchObject({state: 'leased', failures: 0});
});

test('what a person interrupted and nobody let go on fails without another attempt: a command at its end, a CLI once nobody answers', async () => {
	const room = await openEngine({
		agents: {developer: 'touch "$D/at-command"; exec sleep 60'},
		config: {review: 'off', backoff: '10ms'},
	});
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('it works', () => room.has('at-command'));
	await room.must({type: 'stop-agent', agent: DEV_1, how: 'interrupt'});
	await room.when('it has failed', () => room.task('t-1').state === 'failed');
	expect(room.task('t-1')).toMatchObject({reason: 'interrupted by you', failures: 1, attempt: 1});

	// There before the run begins, which would end for want of work.
	const before = await openEngine({agents: {developer: 'exit 1', 'code-sentinel': APPROVES}, config: {budget: {usd: 0}}});
	await before.must({type: 'add-task', title: 'One', id: 't-1'});
	await before.room.stop('the next life does it');
	const cli = await openWith(`${AT_WORK}\n${KEY}\nhook Interrupt\ntyped`, {
		again: before,
		config: {unattended: '1s'},
		options: {untilEmpty: true},
	});
	await cli.when('it works', () => cli.has('at-work') && cli.agent(DEV_1).status === 'working');
	await cli.must({type: 'stop-agent', agent: DEV_1, how: 'interrupt'});
	expect(await cli.room.ended).toMatchObject({
		exitCode: 1,
		unanswered: [{task: 't-1', agent: DEV_1, question: 'You interrupted its turn.'}],
	});
	expect(cli.events.findLast(({type}) => type === 'task_failed')).toMatchObject({task: 't-1', text: 'interrupted by you'});
});

test('an interrupt that nothing answers is said to be so', async () => {
	const room = await openWith(`${AT_WORK}\nsleep 60`);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('it works', () => room.has('at-work') && room.agent(DEV_1).status === 'working');
	const told = await room.ask({type: 'stop-agent', agent: DEV_1, how: 'interrupt'});
	expect(told).toEqual({ok: true, text: 'dev-1 was sent an interrupt, not confirmed'});
});

test('a pause stops a CLI with the tools that it runs in sessions of their own, and it goes on where it was', async () => {
	const room = await openWith(
		`${AT_WORK}\nsetsid sh -c 'while :; do echo x >>"$0/ticks"; sleep 0.05; done' "$D" & \nwhile [ ! -e "$D/go" ]; do sleep 0.05; done\ncommit one\nagent-room report done\nturn_ends x`,
	);
	const ticks = (): number => room.read('ticks').length;
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('its tool runs', () => ticks() > 3);
	await room.must({type: 'pause-agent', agent: DEV_1});
	await room.when('it is paused', () => room.agent(DEV_1).status === 'paused');
	await room.when('its tool stands', async () => {
		const before = ticks();
		await new Promise(resolve => setTimeout(resolve, 300));
		return ticks() === before;
	});
	room.touch('go');
	await room.must({type: 'resume-agent', agent: DEV_1});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
});

test('time in which it waits for a person is none of the time that its attempt may take', async () => {
	const room = await openWith(
		`${AT_WORK}\nturn_ends a\nturn_ends b\ntyped\ntaken\ncommit one\nagent-room report done\nturn_ends c\nsleep 60`,
		{
			config: {timeout: '4s', attempts: 1},
		},
	);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('it waits', () => room.agent(DEV_1).questionId !== '');
	const since = performance.now();
	await room.when('longer than an attempt may take', () => performance.now() - since > 6000);
	const {questionId} = room.agent(DEV_1);
	await room.must({type: 'answer', agent: DEV_1, questionId, text: 'go on'});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.task('t-1').failures).toBe(0);
});
