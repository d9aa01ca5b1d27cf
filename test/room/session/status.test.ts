import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {DEV_1} from '../../helpers/engine.ts';
import {asking, openFakeCli} from '../../helpers/fake-cli.ts';
import {slackMs} from '../../helpers/wait.ts';

const WORKS = `
hook SessionStart '{"session_id":"s-1"}'
hook UserPromptSubmit '{"prompt":"do it"}'
hook PreToolUse '${asking('npm test')}'
`;
const DONE = `
echo done >"$AGENT_ROOM_TASK.txt"
agent-room report done
hook Stop '{}' >/dev/null
await never
`;
const ASKS = `hook PermissionRequest '${asking('npm test')}' >"$D/answer"\n`;

const add = {type: 'add-task', title: 'One', id: 'one'} as const;
const textIn = (folder: string, name: string): string => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');

describe('a permission question of an agent CLI', () => {
	test('is on the card with command and choices, and its digit is the decision of the hook', async () => {
		const room = await openFakeCli(`${WORKS}date +%s%3N >"$D/asked"\n${ASKS}${DONE}`);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		const shownAt = Date.now();
		const {question, detail, choices, questionId, evidence} = room.agent(DEV_1);
		expect({question, detail, choices, evidence}).toEqual({
			question: 'May it run this command?',
			detail: 'npm test',
			choices: ['Yes, this once', 'No'],
			evidence: 'hook PermissionRequest',
		});
		expect(shownAt - Number(textIn(room.scratch, 'asked'))).toBeLessThan(1000 + slackMs());
		await room.must({type: 'answer', agent: 'dev-1', questionId, choice: 1});
		await room.when('the hook has printed it', () => textIn(room.scratch, 'answer') !== '');
		expect(JSON.parse(textIn(room.scratch, 'answer'))).toMatchObject({hookSpecificOutput: {decision: {behavior: 'allow'}}});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect(await room.ask({type: 'answer', agent: 'dev-1', questionId, choice: 1})).toMatchObject({code: 'changed'});
	});

	test('is denied with the words of the person', async () => {
		const room = await openFakeCli(`${WORKS}${ASKS}${DONE}`);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		await room.must({type: 'answer', agent: 'dev-1', questionId: room.agent(DEV_1).questionId, text: 'run the linter instead'});
		await room.when('the hook has printed it', () => textIn(room.scratch, 'answer') !== '');
		expect(JSON.parse(textIn(room.scratch, 'answer'))).toMatchObject({
			hookSpecificOutput: {decision: {behavior: 'deny', message: 'run the linter instead'}},
		});
	});

	test('that is answered in the pane is withdrawn, and the agent works', async () => {
		const room = await openFakeCli(`${WORKS}
			echo '${asking('npm test')}' >"$D/payload"
			"$NODE" "$HOOK" PermissionRequest <"$D/payload" &
			await answered; kill $!
			await go
			${DONE}`);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		const {questionId} = room.agent(DEV_1);
		writeFileSync(join(room.scratch, 'answered'), '');
		await room.when('it works', () => room.agent(DEV_1).status === 'working');
		expect(room.agent(DEV_1)).toMatchObject({question: '', choices: [], questionId: '', detail: ''});
		expect(await room.ask({type: 'answer', agent: 'dev-1', questionId, choice: 1})).toMatchObject({code: 'changed'});
		writeFileSync(join(room.scratch, 'go'), '');
	});

	test('that is answered in the pane while its hook goes on waiting is withdrawn by the end of the tool', async () => {
		const room = await openFakeCli(`${WORKS}
			hook PermissionRequest '${asking('npm test')}' >"$D/answer" &
			await answered
			hook PostToolUse '${asking('npm test')}'
			wait $!; echo ended >"$D/ended"
			await go
			${DONE}`);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		writeFileSync(join(room.scratch, 'answered'), '');
		await room.when('it works', () => room.agent(DEV_1).status === 'working');
		await room.when('the hook has ended', () => textIn(room.scratch, 'ended') !== '');
		expect([room.agent(DEV_1).questionId, textIn(room.scratch, 'answer')]).toEqual(['', '']);
		writeFileSync(join(room.scratch, 'go'), '');
	});

	test('waits behind another of the same agent', async () => {
		const room = await openFakeCli(`${WORKS}
			hook PermissionRequest '${asking('first')}' >"$D/first" &
			await second
			hook PermissionRequest '${asking('second')}' >"$D/second-answer"
			wait
			${DONE}`);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).detail === 'first');
		const first = room.agent(DEV_1).questionId;
		writeFileSync(join(room.scratch, 'second'), '');
		await room.when('the second hook waits', () => room.events.filter(event => event.agent === DEV_1).length > 0);
		await room.must({type: 'answer', agent: 'dev-1', questionId: first, choice: 2});
		await room.when('the second is asked', () => room.agent(DEV_1).detail === 'second');
		expect(room.agent(DEV_1).status).toBe('needs-input');
		await room.must({type: 'answer', agent: 'dev-1', questionId: room.agent(DEV_1).questionId, choice: 1});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		expect([textIn(room.scratch, 'first'), textIn(room.scratch, 'second-answer')]).toEqual([
			expect.stringContaining('deny'),
			expect.stringContaining('allow'),
		]);
	});

	test('of a paused agent stays, and is answered after it', async () => {
		const room = await openFakeCli(`${WORKS}${ASKS}${DONE}`);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		const {questionId} = room.agent(DEV_1);
		await room.must({type: 'pause-agent', agent: 'dev-1'});
		await room.when('it is paused', () => room.agent(DEV_1).status === 'paused');
		expect(room.agent(DEV_1)).toMatchObject({questionId, question: 'May it run this command?'});
		await room.must({type: 'resume-agent', agent: 'dev-1'});
		await room.when('it asks again', () => room.agent(DEV_1).status === 'needs-input');
		await room.must({type: 'answer', agent: 'dev-1', questionId, choice: 1});
		await room.when('it is merged', () => room.task('one').state === 'merged');
	});

	test('is gone with an agent that is killed while it asks', async () => {
		const room = await openFakeCli(`${WORKS}${ASKS}${DONE}`, {config: {attempts: 1}});
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		process.kill(room.agent(DEV_1).pid, 'SIGKILL');
		await room.when('it is dead', () => room.agent(DEV_1).status === 'crashed');
		expect(room.agent(DEV_1)).toMatchObject({question: '', choices: [], questionId: '', detail: ''});
	});

	test('is left to the program when the room ends', async () => {
		const room = await openFakeCli(`${WORKS}trap '' TERM HUP; ${ASKS} echo "rc $?" >"$D/after"; await never`);
		await room.must(add);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input');
		await room.room.stop('the room ends');
		expect(textIn(room.scratch, 'answer')).toBe('');
	});
});

test('a hook of an attempt that was superseded tells its program to stop', async () => {
	const room = await openFakeCli(`${WORKS}await go\n${DONE}`);
	await room.must(add);
	await room.when('it works', () => room.agent(DEV_1).doing === '$ npm test');
	const as = {agent: DEV_1, task: 'one', token: '1:other'};
	const by = {token: room.task('one').token};
	const reply = await room.report(as, {kind: 'hook', event: 'PreToolUse', payload: asking('rm -rf x')}, by);
	expect(reply).toMatchObject({ok: false, code: 'stale'});
	expect(JSON.stringify(reply.data)).toContain('permissionDecision');
	expect(JSON.stringify(reply.data)).toContain('deny');
});

test('a payload that is no JSON, or not as it ought to be, changes nothing and is answered at once', async () => {
	const room = await openFakeCli(`${WORKS}await go\n${DONE}`);
	await room.must(add);
	await room.when('it works', () => room.agent(DEV_1).doing === '$ npm test');
	const as = {agent: DEV_1, task: 'one', token: room.agent(DEV_1).token};
	for (const payload of ['', '{', '[]', 'null', '"x"', '{"tool_input":7,"tool_name":[]}', '\u001b[2J'])
		for (const event of ['PreToolUse', 'Unheard', 'toString', '__proto__'])
			expect(await room.report(as, {kind: 'hook', event, payload})).toMatchObject({ok: true, data: {output: ''}});
	expect(room.agent(DEV_1).status).toBe('working');
});

test('a program that says nothing of the end of its turn waits, and says so', async () => {
	const room = await openFakeCli(`${WORKS}
		hook Stop '{"last_assistant_message":"All done, I think."}' >"$D/stop"
		hook Stop '{"last_assistant_message":"Really done."}' >"$D/stop-again"
		await go
		hook UserPromptSubmit '{"prompt":"go on"}'
		${DONE}`);
	await room.must(add);
	await room.when('it waits', () => room.agent(DEV_1).status === 'waiting');
	expect(textIn(room.scratch, 'stop')).toContain('block');
	expect(textIn(room.scratch, 'stop-again')).toBe('');
	expect(room.agent(DEV_1).evidence).toBe('hook Stop');
	writeFileSync(join(room.scratch, 'go'), '');
	await room.when('it is merged', () => room.task('one').state === 'merged');
});
