import {
	directoryIn,
	dripping,
	event,
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
import type {Entry, Offered} from './talk.ts';

const textIn = (content: unknown): string =>
	typeof content === 'string'
		? content
		: list(content)
				.map(part => string(part.text))
				.join('\n');

const CALLS = new Set(['function_call', 'custom_tool_call', 'local_shell_call']);

/** Which reply an item of the model belongs to: the calls of one reply carry its id, and its results may stand between them. */
const replyId = (item: Json): string => /^call_(.+)_\d+$/.exec(string(item.call_id))?.[1] ?? '';

const entriesOf = (items: readonly Json[]): readonly Entry[] => {
	const entries: Entry[] = [];
	let last = '';
	let isOpen = false;
	for (const item of items) {
		const isReply = CALLS.has(string(item.type)) || item.role === 'assistant';
		if (isReply) {
			const id = replyId(item);
			const isSame = (isOpen && (!id || !last || id === last)) || (id !== '' && id === last);
			if (!isSame) entries.push({kind: 'reply', text: textIn(item.content)});
			last = isSame && !id ? last : id;
			isOpen = true;
		} else if (string(item.type).endsWith('_output')) {
			entries.push({kind: 'result', text: textIn(item.output)});
			isOpen = false;
		} else if (item.role === 'user') {
			entries.push({kind: 'prompt', text: textIn(item.content)});
			isOpen = false;
			last = '';
		}
	}
	return entries;
};

const toolsOf = (tools: readonly Json[], space = ''): readonly Offered[] =>
	tools.flatMap(tool => {
		if (tool.type === 'namespace') return toolsOf(list(tool.tools), string(tool.name));
		const name = string(tool.name) || string(tool.type);
		if (name === 'exec' && tool.type === 'custom') return nestedIn(string(tool.description));
		return [{name, space, isFreeform: tool.type === 'custom', inputs: inputsOf(tool.parameters)}];
	});

/** Newer models write programs, whose tools stand in the description of the one that runs them, each as a declaration in TypeScript. */
const nestedIn = (description: string): readonly Offered[] =>
	[...description.matchAll(/declare const tools: \{ (\w+)\((args|input): (.*?)\): Promise/gs)].map(([, name = '', kind, args = '']) => ({
		name,
		space: '',
		isFreeform: kind === 'input',
		isNested: true,
		inputs: Object.fromEntries([...args.matchAll(/^ {2}(\w+)\??: ([^;]+);$/gm)].map(([, input = '', type = '']) => [input, type])),
	}));

const usageOf = ({used}: Sent): Json => ({
	input_tokens: used.tokensIn,
	input_tokens_details: {cached_tokens: 0},
	output_tokens: used.tokensOut,
	output_tokens_details: {reasoning_tokens: 0},
	total_tokens: used.tokensIn + used.tokensOut,
});

const itemsOf = (sent: Sent): readonly Json[] => [
	...(sent.reply.words.length > 0
		? [
				{
					type: 'message',
					role: 'assistant',
					id: `msg_${sent.id}`,
					content: [{type: 'output_text', text: textOf(sent.reply), annotations: []}],
				},
			]
		: []),
	...sent.reply.calls.map(({name, space, input}, index) => {
		const call = {id: `fc_${sent.id}_${index}`, call_id: `call_${sent.id}_${index}`, name};
		if (typeof input === 'string') return {type: 'custom_tool_call', ...call, input, ...(space ? {namespace: space} : {})};
		return {type: 'function_call', ...call, arguments: JSON.stringify(input), ...(space ? {namespace: space} : {})};
	}),
];

const response = (sent: Sent, more: Json): Json => ({
	response: {id: `resp_${sent.id}`, object: 'response', model: sent.asked.model, ...more},
});

/** Responses of OpenAI. */
export const responses: Protocol = {
	api: 'responses',
	read: body => {
		const items = typeof body.input === 'string' ? [{role: 'user', content: body.input}] : list(body.input);
		const all = items.map(item => textIn(item.content)).join('\n');
		const format = object(object(body.text).format);
		return {
			api: 'responses',
			model: string(body.model),
			system: string(body.instructions),
			entries: entriesOf(items),
			tools: [...toolsOf(list(body.tools)), ...items.flatMap(item => (item.type === 'additional_tools' ? toolsOf(list(item.tools)) : []))],
			directory: directoryIn(`${string(body.instructions)}\n${all}`),
			isStream: body.stream === true,
			schema: format.type === 'json_schema' ? format.schema : undefined,
			stops: [],
		};
	},
	async *stream(sent) {
		yield event('response.created', response(sent, {status: 'in_progress'}));
		for (const [index, item] of itemsOf(sent).entries()) {
			yield event('response.output_item.added', {output_index: index, item: item.type === 'message' ? {...item, content: []} : item});
			if (item.type === 'message')
				for await (const delta of dripping(sent.reply))
					yield event('response.output_text.delta', {output_index: index, content_index: 0, item_id: item.id, delta});
			yield event('response.output_item.done', {output_index: index, item});
		}
		yield event('response.completed', response(sent, {status: 'completed', output: itemsOf(sent), usage: usageOf(sent)}));
	},
	whole: sent => response(sent, {status: 'completed', output: itemsOf(sent), usage: usageOf(sent)}).response,
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
				message: 'Your input exceeds the context window of this model.',
			},
		},
	}),
};
