import {
	data,
	directoryIn,
	dripping,
	inputsOf,
	type Json,
	list,
	MESSAGES,
	object,
	type Protocol,
	type Sent,
	string,
	textOf,
} from './protocol.ts';
import type {Entry} from './talk.ts';

const textIn = (content: unknown): string =>
	typeof content === 'string'
		? content
		: list(content)
				.map(part => string(part.text))
				.join('\n');

const KINDS: Readonly<Record<string, Entry['kind']>> = {user: 'prompt', assistant: 'reply', tool: 'result'};

const callsOf = (sent: Sent): readonly Json[] =>
	sent.reply.calls.map(({name, input}, index) => ({
		index,
		id: `call_${sent.id}_${index}`,
		type: 'function',
		function: {name, arguments: JSON.stringify(input)},
	}));

const usageOf = ({used}: Sent): Json => ({
	prompt_tokens: used.tokensIn,
	completion_tokens: used.tokensOut,
	total_tokens: used.tokensIn + used.tokensOut,
});

const finish = ({reply}: Sent): string => (reply.calls.length > 0 ? 'tool_calls' : 'stop');

const chunk = (sent: Sent, choices: readonly Json[], more: Json = {}): string =>
	data({id: `chatcmpl-${sent.id}`, object: 'chat.completion.chunk', created: 0, model: sent.asked.model, choices, ...more});

/** Chat completions of OpenAI, which many others speak. */
export const chat: Protocol = {
	api: 'chat',
	read: body => {
		const messages = list(body.messages);
		const said = messages.filter(({role}) => role === 'system' || role === 'developer');
		return {
			api: 'chat',
			model: string(body.model),
			system: said.map(({content}) => textIn(content)).join('\n'),
			entries: messages.flatMap(({role, content}) => {
				const kind = KINDS[string(role)];
				return kind ? [{kind, text: textIn(content)}] : [];
			}),
			tools: list(body.tools).map(tool => {
				const {name, parameters} = object(tool.function);
				return {name: string(name), space: '', isFreeform: false, inputs: inputsOf(parameters)};
			}),
			directory: directoryIn(messages.map(({content}) => textIn(content)).join('\n')),
			isStream: body.stream === true,
			schema: object(object(body.response_format).json_schema).schema,
			stops: [],
		};
	},
	async *stream(sent) {
		yield chunk(sent, [{index: 0, delta: {role: 'assistant', content: ''}, finish_reason: null}]);
		for await (const content of dripping(sent.reply)) yield chunk(sent, [{index: 0, delta: {content}, finish_reason: null}]);
		const calls = callsOf(sent);
		if (calls.length > 0) yield chunk(sent, [{index: 0, delta: {tool_calls: calls}, finish_reason: null}]);
		yield chunk(sent, [{index: 0, delta: {}, finish_reason: finish(sent)}]);
		yield chunk(sent, [], {usage: usageOf(sent)});
		yield data('[DONE]');
	},
	whole: sent => ({
		id: `chatcmpl-${sent.id}`,
		object: 'chat.completion',
		created: 0,
		model: sent.asked.model,
		choices: [
			{
				index: 0,
				message: {
					role: 'assistant',
					content: textOf(sent.reply),
					...(sent.reply.calls.length > 0 ? {tool_calls: callsOf(sent)} : {}),
				},
				finish_reason: finish(sent),
			},
		],
		usage: usageOf(sent),
	}),
	failure: status => {
		const [type, message] = MESSAGES[status] ?? ['server_error', `Status ${status}`];
		return {error: {type, code: type, message}};
	},
	overflow: () => ({
		status: 400,
		body: {
			error: {
				type: 'invalid_request_error',
				code: 'context_length_exceeded',
				message: "This model's maximum context length is 200000 tokens. However, your messages resulted in 213000 tokens.",
			},
		},
	}),
};
