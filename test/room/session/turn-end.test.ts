import {expect, test} from 'vitest';
import {APPROVES, DEV_1, type EngineOptions, openEngine} from '../../helpers/engine.ts';
import {playsCodex} from '../../helpers/plays-codex.ts';

/** A room whose developer is a program that plays Codex. */
const openWith = (script: string, further: Partial<EngineOptions> = {}) =>
	openEngine({
		agents: {developer: playsCodex(script), 'code-sentinel': APPROVES},
		clis: {developer: {cli: 'codex', account: 'work'}},
		...further,
	});

type Opened = Awaited<ReturnType<typeof openWith>>;
const cardOf = async (room: Opened, words = ''): Promise<ReturnType<Opened['agent']>> => {
	await room.when('a card', () => room.agent(DEV_1).status === 'waiting' && room.agent(DEV_1).questionId !== '');
	const agent = room.agent(DEV_1);
	expect(agent.question).toContain(words);
	return agent;
};
const receipts = (room: Opened): readonly string[] =>
	room.events.filter(({type}) => type.startsWith('prompt_')).map(({type, text}) => `${type} ${text.split(':')[0]}`);

test('a turn that ends without a word is told so once, then a person is shown what it said last and hands it in', async () => {
	const room = await openWith(
		'begin\ncommit one\nturn_ends "All is written."\necho "$said" >"$D/first"\nturn_ends "I said all."\necho "$said" >"$D/second"\ntyped',
	);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	const card = await cardOf(room, 'No result reported.');
	expect(JSON.parse(room.read('first'))).toMatchObject({decision: 'block', reason: expect.stringContaining('agent-room report done')});
	expect(room.read('second')).toBe('');
	expect(card).toMatchObject({detail: 'I said all.', choices: ['Done: submit it', 'Continue'], task: 't-1'});
	expect(receipts(room)).toEqual(['prompt_proved prompt']);
	await room.must({type: 'answer', agent: DEV_1, questionId: card.questionId, choice: 1});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.mergedCommit()).toEqual(['t-1']);
});

test('a reply is pasted without a key in it, proved by the hook, and the next turn goes on to the end', async () => {
	const room = await openWith(
		'begin\nturn_ends a\nturn_ends "Which colour?"\ntyped\ntaken\ncommit blue\nagent-room report done\nturn_ends done\necho "[$said]" >"$D/end"\nsleep 60',
	);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	const card = await cardOf(room);
	const text = 'blue\u001b[201~\u0003 \u001b]0;x\u0007please';
	await room.must({type: 'answer', agent: DEV_1, questionId: card.questionId, text});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.read('end')).toBe('[]');
	expect(room.read('typed')).toBe('\u001b[200~blue please\u001b[201~');
	expect(receipts(room)).toEqual(['prompt_proved prompt', 'prompt_proved reply']);
	expect(room.task('t-1').failures).toBe(0);
});

test('a reply that nothing proves is unknown: it is said, nobody loses the task, and the card comes again', async () => {
	const room = await openWith('begin\nturn_ends a\nturn_ends "Which colour?"\ntyped\nsleep 60');
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	const first = await cardOf(room);
	await room.must({type: 'answer', agent: DEV_1, questionId: first.questionId, text: 'blue'});
	await room.when(
		'another card',
		() => room.agent(DEV_1).status === 'waiting' && ![first.questionId, ''].includes(room.agent(DEV_1).questionId),
	);
	expect(receipts(room)).toEqual(['prompt_proved prompt', 'prompt_unknown reply']);
	expect(room.task('t-1')).toMatchObject({state: 'leased', failures: 0});
});

test('a blocker asks the person first: with an answer the attempt goes on and costs nothing, and giving up costs it', async () => {
	const room = await openWith(
		'begin\nagent-room report blocked "no database"\nturn_ends a\ntyped\ntaken\ncommit blue\nagent-room report done\nturn_ends done\nsleep 60',
	);
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	const card = await cardOf(room, 'blocked: no database');
	expect(card.choices).toEqual(['Done: submit it', 'Continue', 'Give up: it counts as a failed attempt']);
	expect(room.task('t-1')).toMatchObject({state: 'leased', failures: 0});
	await room.must({type: 'answer', agent: DEV_1, questionId: card.questionId, text: 'use sqlite'});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.task('t-1').failures).toBe(0);
	expect(room.read('typed')).toContain('use sqlite');
});

test('where nobody is there to ask, what it made is handed in', async () => {
	const before = await openEngine({agents: {developer: 'exit 1', 'code-sentinel': APPROVES}, config: {budget: {usd: 0}}});
	await before.must({type: 'add-task', title: 'One', id: 't-1'});
	await before.room.stop('the next life does it');
	const room = await openWith('begin\ncommit one\nturn_ends a\nturn_ends b\ntyped', {again: before, options: {untilEmpty: true}});
	expect(await room.room.ended).toMatchObject({exitCode: 0, merged: 1});
	expect(room.mergedCommit()).toEqual(['t-1']);
});

test('one that reports a blocker and ends at once asks with its task, and its session continues with the answer', async () => {
	const script = [
		'begin',
		'if [ "$RESUMED" = yes ]; then commit blue; agent-room report done; turn_ends done; exit 0; fi',
		'agent-room report blocked "no key"',
		'turn_ends a',
	].join('\n');
	const room = await openWith(script, {config: {attempts: 1}});
	await room.must({type: 'add-task', title: 'One', id: 't-1'});
	await room.when('the task asks', () => room.task('t-1').decision === 'blocked');
	expect(room.task('t-1')).toMatchObject({waitReason: 'blocked: no key', failures: 0});
	await room.must({type: 'request-changes', task: 't-1', reason: 'It is in KEYS.'});
	await room.when('it is merged', () => room.task('t-1').state === 'merged');
	expect(room.task('t-1').failures).toBe(0);
	expect(
		room
			.read('started')
			.split('\n')
			.filter(line => line.includes(' develop ')),
	).toMatchObject([expect.stringContaining(' develop new '), expect.stringContaining(' develop yes ')]);
	expect(room.read('prompts')).toContain('You continue the same task (answered by a human; it was blocked: no key).');
});
