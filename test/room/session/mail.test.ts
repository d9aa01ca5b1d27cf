import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {HookDecision} from '../../../source/harnesses/shared/cli.ts';
import {DEV_1, DEV_2, type TestRoom} from '../../helpers/engine.ts';
import {openFakeCli} from '../../helpers/fake-cli.ts';

type Room = TestRoom & {readonly scratch: string};

const BEGINS = `
hook SessionStart '{"session_id":"s-1"}'
hook UserPromptSubmit '{"prompt":"do it"}'
touch "$D/begun"
`;
const DONE = `
echo done >"$AGENT_ROOM_TASK.txt"
agent-room report done
hook Stop '{}' >/dev/null
await never
`;
/** Runs a hook once `$D/<name>` is there, and writes what it printed to `$D/<name>.said`. */
const says = (name: string, event: string): string =>
	`await ${name}; hook ${event} '{}' >"$D/${name}.part"; mv "$D/${name}.part" "$D/${name}.said"\n`;

const go = async (room: Room, name: string): Promise<string> => {
	writeFileSync(join(room.scratch, name), '');
	const file = join(room.scratch, `${name}.said`);
	await room.when(`the hook of ${name} has ended`, () => existsSync(file));
	return readFileSync(file, 'utf8');
};

const open = async (script: string): Promise<Room> => {
	const room = await openFakeCli(script);
	await room.must({type: 'add-task', title: 'One', id: 'one'});
	await room.when('its turn has begun', () => existsSync(join(room.scratch, 'begun')));
	return room;
};

describe('mail for the program of an agent', () => {
	test('is told at its next hook that takes a word, once, as what others wrote', async () => {
		const room = await open(
			`${BEGINS}${says('before', 'PostToolUse')}${says('deaf', 'PreToolUse')}${says('one', 'PostToolUse')}${says('two', 'PostToolUse')}${DONE}`,
		);
		expect(await go(room, 'before')).toBe('');
		await room.must({type: 'message', agent: DEV_1, text: 'the schema moved \u001b[31m``` to db/'});
		await room.when('it has come', () => room.events.some(({type}) => type === 'mail_sent'));
		expect(await go(room, 'deaf')).toBe('');
		const {hookSpecificOutput} = JSON.parse(await go(room, 'one')) as {hookSpecificOutput: {additionalContext: string}};
		expect(hookSpecificOutput).toEqual({
			hookEventName: 'PostToolUse',
			additionalContext: expect.stringMatching(
				/^Message from a human\. It informs you.*\n\n````text\n\d+s ago, a human: the schema moved .*``` to db\/\n````$/s,
			),
		});
		expect(hookSpecificOutput.additionalContext).not.toContain('\u001b');
		await room.when('it counts as read', () => room.events.some(({type}) => type === 'mail_read'));
		expect(await go(room, 'two')).toBe('');
		await room.when('it is merged', () => room.task('one').state === 'merged');
	});

	test('keeps a turn from ending, as its next prompt, and the reminder comes after it', async () => {
		const room = await open(`${BEGINS}${says('mail', 'Stop')}${says('reminder', 'Stop')}${says('end', 'Stop')}await never`);
		await room.must({type: 'message', agent: DEV_1, text: 'look at the index'});
		await room.when('it has come', () => room.events.some(({type}) => type === 'mail_sent'));
		expect(JSON.parse(await go(room, 'mail'))).toEqual({decision: 'block', reason: expect.stringContaining('look at the index')});
		expect(room.agent(DEV_1).status).toBe('working');
		expect(JSON.parse(await go(room, 'reminder'))).toEqual({decision: 'block', reason: expect.stringContaining('agent-room report done')});
		expect(await go(room, 'end')).toBe('');
		await room.when('it waits', () => room.agent(DEV_1).status === 'waiting');
	});

	test('of two agents that always answer ends: then it waits for something else to begin a turn', async () => {
		const room = await open(`${BEGINS}${Array.from({length: 7}, (_, at) => says(`stop-${at}`, 'Stop')).join('')}await never`);
		const told: boolean[] = [];
		for (let at = 0; at < 7; at++) {
			await room.must({type: 'message', agent: DEV_1, text: `thanks ${at}`});
			await room.when('it has come', () => room.events.filter(({type}) => type === 'mail_sent').length > at);
			told.push((await go(room, `stop-${at}`)).includes(`thanks ${at}`));
		}
		expect(told).toEqual([true, true, true, true, true, false, false]);
	});

	test('of a person is typed to an agent whose turn is over; that of another agent waits', async () => {
		const room = await openFakeCli(
			`${BEGINS}hook Stop '{}' >/dev/null; hook Stop '{}'; screen '> '
			while IFS= read -r line; do printf '%s\\n' "$line" >>"$D/typed"; hook UserPromptSubmit '{"prompt":"x"}'; done`,
			{count: 2},
		);
		for (const id of ['one', 'two']) await room.must({type: 'add-task', title: id, id});
		await room.when('both wait', () => [DEV_1, DEV_2].every(agent => room.agent(agent).status === 'waiting'));
		const typed = (): string => (existsSync(join(room.scratch, 'typed')) ? readFileSync(join(room.scratch, 'typed'), 'utf8') : '');
		await room.report(
			{agent: DEV_2, task: room.agent(DEV_2).task, token: room.agent(DEV_2).token},
			{kind: 'message', to: DEV_1, text: 'hello from dev-2'},
		);
		await room.when('it has come', () => room.events.some(({type}) => type === 'mail_sent'));
		expect(typed()).toBe('');
		await room.must({type: 'message', agent: DEV_1, text: 'take the other index'});
		await room.when('it is typed', () => typed().includes('take the other index'));
		expect(typed()).toContain('hello from dev-2');
		await room.when('the receipt is kept', () => room.events.some(({type, text}) => type === 'prompt_proved' && text.startsWith('mail: ')));
	});
});

test('an agent CLI that reports a blocker is ended, and its task asks with its reason', async () => {
	const room = await openFakeCli(`${BEGINS}agent-room report blocked "no access to the schema"; await never`, {config: {attempts: 1}});
	await room.must({type: 'add-task', title: 'One', id: 'one'});
	await room.when('you are asked', () => room.task('one').decision === 'blocked');
	expect(room.task('one')).toMatchObject({waitReason: 'blocked: no access to the schema', failures: 0, owner: ''});
});

test('every word that a program is given at a hook is JSON', async () => {
	const {CLIS} = await import('../../../source/harnesses/clis.ts');
	const decisions: readonly HookDecision[] = [
		{kind: 'tell', text: '"\n\u2028'},
		{kind: 'go-on', text: '"'},
		{kind: 'deny', text: '"'},
		{kind: 'allow'},
	];
	for (const cli of Object.values(CLIS))
		for (const event of ['PostToolUse', 'AfterTool', 'Stop', 'AfterAgent', 'PreToolUse', 'UserPromptSubmit', 'nonsense', 'toString'])
			for (const decision of decisions) {
				const output = cli.replyHook(event, decision, {});
				if (output !== '') expect(() => JSON.parse(output), `${cli.name} ${event} ${decision.kind}`).not.toThrow();
			}
});
