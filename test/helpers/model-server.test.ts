import {describe, expect, onTestFinished, test} from 'vitest';
import type {Script} from './model-server/script.ts';
import {type ModelServer, startModelServer} from './model-server.ts';
import {until} from './wait.ts';

const serve = async (script: Script): Promise<ModelServer> => {
	const server = await startModelServer({script});
	onTestFinished(() => server.close());
	return server;
};

const post = async (server: ModelServer, path: string, body: unknown): Promise<{readonly status: number; readonly text: string}> => {
	const response = await fetch(server.url + path, {method: 'POST', body: JSON.stringify(body)});
	return {status: response.status, text: await response.text()};
};

const SCHEMA = (...names: readonly string[]): unknown => ({
	type: 'object',
	properties: Object.fromEntries(names.map(name => [name, {type: 'string'}])),
});

type Message = {readonly role: string; readonly content: unknown};

/** A request as Claude Code makes it, with its shell, its editor and a tool of an MCP server. */
const claude = (messages: readonly Message[], more: object = {}): unknown => ({
	model: 'claude-test',
	stream: false,
	system: [{type: 'text', text: 'You work here.\n - Primary working directory: /work/tree\n'}],
	tools: [
		{name: 'Bash', input_schema: SCHEMA('command', 'description')},
		{name: 'Write', input_schema: SCHEMA('file_path', 'content')},
		{name: 'mcp__agent-room__done', input_schema: SCHEMA('verdict')},
	],
	messages,
	...more,
});

type Block = {readonly type: string; readonly text?: string; readonly name?: string; readonly input?: unknown};
const content = (text: string): readonly Block[] => (JSON.parse(text) as {readonly content: readonly Block[]}).content;

const asked = {role: 'user', content: [{type: 'text', text: 'Do task one'}]};
const called = {role: 'assistant', content: [{type: 'tool_use', id: 't', name: 'Bash', input: {command: 'ls'}}]};
const given = {role: 'user', content: [{type: 'tool_result', tool_use_id: 't', content: 'a.txt'}]};

describe('a script', () => {
	test('gives the turn that is due by the conversation alone, however often it is asked', async () => {
		const server = await serve([{when: 'task one', turns: [{run: 'ls'}, {write: {file: 'b.txt', text: 'b'}}]}]);
		const first = {type: 'tool_use', name: 'Bash', input: {command: 'ls', description: 'As the script says'}};
		for (let time = 0; time < 2; time += 1)
			expect(content((await post(server, '/v1/messages', claude([asked]))).text)).toMatchObject([first]);
		const after = content((await post(server, '/v1/messages', claude([asked, called, given]))).text);
		expect(after).toMatchObject([{name: 'Write', input: {file_path: '/work/tree/b.txt', content: 'b'}}]);
		const end = content((await post(server, '/v1/messages', claude([asked, called, given, called, given]))).text);
		expect(end).toMatchObject([{type: 'text', text: 'Nothing is left to do.'}]);
	});

	test('goes on over a prompt that no rule fits, and begins anew with one that a rule fits', async () => {
		const server = await serve([{when: /task \w+$/, turns: [{say: 'first'}, {say: 'second'}]}]);
		const said = {role: 'assistant', content: 'first'};
		const nudge = {role: 'user', content: 'You said nothing of the end.'};
		expect(content((await post(server, '/v1/messages', claude([asked, said, nudge]))).text)[0]?.text).toBe('second');
		const another = {role: 'user', content: 'Do task two'};
		expect(content((await post(server, '/v1/messages', claude([asked, said, another]))).text)[0]?.text).toBe('first');
	});

	test('may decide by what its commands gave back', async () => {
		const server = await serve(({prompt, turn, results}) => {
			if (!prompt.includes('task')) return;
			return turn === 0 ? [{run: 'cat brief.md'}] : [{run: 'cat brief.md'}, {say: `It says ${results.join()}.`}];
		});
		expect(content((await post(server, '/v1/messages', claude([asked, called, given]))).text)[0]?.text).toBe('It says a.txt.');
	});

	test('says what it has no tool for, and what no rule fits', async () => {
		const server = await serve([{when: 'one', turns: [{call: 'fly', input: {}}]}]);
		await post(server, '/v1/messages', claude([asked]));
		await post(server, '/v1/messages', claude([{role: 'user', content: 'Do two'}]));
		expect(server.problems).toEqual([
			'No tool for `fly` is offered, only Bash, Write, mcp__agent-room__done.',
			'No rule of the script fits. Do two',
		]);
	});

	test('fails as often as it says, then gives the turn', async () => {
		const server = await serve([{when: 'one', turns: [{fail: 429, times: 2, headers: {'retry-after': '3'}}, {say: 'well'}]}]);
		const statuses: number[] = [];
		for (let time = 0; time < 3; time += 1) statuses.push((await post(server, '/v1/messages', claude([asked]))).status);
		expect(statuses).toEqual([429, 429, 200]);
	});

	test('a conversation that is too long is refused in the words of its interface', async () => {
		const server = await serve([{when: 'one', turns: [{overflow: true}]}]);
		const {status, text} = await post(server, '/v1/messages', claude([asked]));
		expect([status, text]).toEqual([400, expect.stringContaining('prompt is too long')]);
	});

	test('hangs until it is closed', async () => {
		const server = await startModelServer({script: [{when: 'one', turns: [{hang: true}]}]});
		const broken = post(server, '/v1/messages', claude([asked])).catch(() => 'broken off');
		await until(() => server.requests.length === 1);
		await server.close();
		expect(await broken).toBe('broken off');
	});
});

describe('interfaces', () => {
	test('Anthropic: a stream of blocks, an MCP tool by the end of its name, words that drip', async () => {
		const server = await serve([
			{
				when: 'one',
				turns: [
					[
						{drip: 'one two', everyMs: 1},
						{call: 'done', input: {verdict: 'approve'}},
					],
				],
			},
		]);
		const {text} = await post(server, '/v1/messages?beta=true', claude([asked], {stream: true}));
		expect(text.match(/"text_delta","text":"[^"]*"/g)).toEqual(['"text_delta","text":"one "', '"text_delta","text":"two"']);
		expect(text).toContain('"name":"mcp__agent-room__done"');
		expect(text).toContain('"stop_reason":"tool_use"');
		expect(text.trimEnd()).toMatch(/event: message_stop\ndata: .*$/);
		expect(server.requests[0]?.asked).toMatchObject({model: 'claude-test', directory: '/work/tree', isStream: true});
	});

	test('Anthropic: reminders are no prompts, and a classifier of commands is told that all is well', async () => {
		const server = await serve([{when: 'one', turns: [{say: 'hello'}]}]);
		const nudge = {type: 'text', text: '<system-reminder>Do task one</system-reminder>'};
		const talk = claude([{role: 'user', content: [nudge, {type: 'text', text: 'Hello'}]}]);
		expect(content((await post(server, '/v1/messages', talk)).text)[0]?.text).toBe('No rule of the script fits.');
		const question = claude([asked], {stop_sequences: ['</block>']});
		expect(content((await post(server, '/v1/messages', question)).text)[0]?.text).toBe('<block>no');
		expect((await fetch(server.url, {method: 'HEAD'})).status).toBe(200);
		expect((await post(server, '/v1/messages/count_tokens', claude([asked]))).text).toMatch(/^\{"input_tokens":\d+\}$/);
	});

	test('Responses: namespaces of MCP tools, calls side by side as one reply', async () => {
		const server = await serve([{when: 'one', turns: [[{run: 'a'}, {call: 'done', input: {}}], {say: 'over'}]}]);
		const tools = [
			{type: 'function', name: 'exec_command', parameters: SCHEMA('cmd')},
			{type: 'namespace', name: 'mcp__agent-room', tools: [{type: 'function', name: 'done', parameters: SCHEMA()}]},
		];
		const user = {type: 'message', role: 'user', content: [{type: 'input_text', text: 'Do one'}]};
		const ask = (input: readonly unknown[]) => post(server, '/v1/responses', {model: 'm', stream: true, tools, input});
		const {text} = await ask([user]);
		expect(text).toContain('"name":"exec_command","arguments":"{\\"cmd\\":\\"a\\"}"');
		expect(text).toContain('"name":"done","arguments":"{}","namespace":"mcp__agent-room"');
		const calls = [...new Set([...text.matchAll(/"call_id":"([^"]+)"/g)].map(match => match[1]))];
		const turns = calls.map(id => ({type: 'function_call', name: 'x', arguments: '{}', call_id: id}));
		const results = calls.map(id => ({type: 'function_call_output', call_id: id, output: 'ok'}));
		for (const order of [
			[...turns, ...results],
			[turns[0], results[0], turns[1], results[1]],
		])
			expect((await ask([user, ...order])).text).toContain('"text":"over"');
	});

	test('Responses: tools that a program calls', async () => {
		const server = await serve([
			{
				when: 'one',
				turns: [
					[
						{run: 'a', decision: 'why'},
						{call: 'done', input: {}},
					],
				],
			},
		]);
		const description = `Run JavaScript.\n\`\`\`ts\ndeclare const tools: { exec_command(args: {\n  // What.\n  cmd: string;\n  justification?: string;\n  sandbox_permissions?: "use_default" | "require_escalated";\n}): Promise<{\n  output: string;\n}>; };\n`;
		const tools = [{type: 'namespace', name: 'functions', tools: [{type: 'custom', name: 'exec', description}]}];
		const user = {type: 'message', role: 'user', content: [{type: 'input_text', text: 'Do one'}]};
		const {text} = await post(server, '/v1/responses', {model: 'm', stream: true, input: [{type: 'additional_tools', tools}, user]});
		const input =
			'tools[\\"exec_command\\"]({\\"cmd\\":\\"a\\",\\"sandbox_permissions\\":\\"require_escalated\\",\\"justification\\":\\"why\\"})';
		expect(text).toContain(input);
		expect(text).toContain('ALL_TOOLS.find(({name}) => name.endsWith(\\"_done\\"))');
	});

	test('Chat: tool calls and the end of the stream', async () => {
		const server = await serve([{when: 'one', turns: [{run: 'ls'}]}]);
		const tools = [{type: 'function', function: {name: 'bash', parameters: SCHEMA('command')}}];
		const messages = [{role: 'user', content: 'Do one'}];
		const {text} = await post(server, '/v1/chat/completions', {model: 'm', stream: true, tools, messages});
		expect(text).toContain('"name":"bash","arguments":"{\\"command\\":\\"ls\\"}"');
		expect(text).toContain('data: [DONE]');
	});

	test('Gemini: function calls, and decisions about itself by their schema', async () => {
		const server = await serve([{when: 'one', turns: [{run: 'ls'}]}]);
		const tools = [{functionDeclarations: [{name: 'run_shell_command', parametersJsonSchema: SCHEMA('command')}]}];
		const contents = [{role: 'user', parts: [{text: 'Do one'}]}];
		const {text} = await post(server, '/v1beta/models/g:streamGenerateContent?alt=sse', {contents, tools});
		expect(text).toContain('"name":"run_shell_command","args":{"command":"ls"}');
		const schema = {type: 'OBJECT', properties: {reasoning: {type: 'STRING'}, choice: {type: 'STRING', enum: ['flash', 'pro']}}};
		const decision = await post(server, '/v1beta/models/g:generateContent', {contents, generationConfig: {responseJsonSchema: schema}});
		expect(decision.text).toContain(JSON.stringify(JSON.stringify({reasoning: '', choice: 'flash'})));
	});
});
