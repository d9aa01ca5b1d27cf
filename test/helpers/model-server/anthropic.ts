import {
	data,
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
import type {Entry} from './talk.ts';

const blocks = (content: unknown): readonly Json[] => (typeof content === 'string' ? [{type: 'text', text: content}] : list(content));
const textIn = (content: unknown): string =>
	blocks(content)
		.map(block => string(block.text))
		.join('\n');

/**
 * A message of the user holds several prompts where one was never answered, and reminders of the program, which are none; what a hook says at
 * the end of a turn is one, though it comes as a reminder.
 */
const ofUser = (block: Json): readonly Entry[] => {
	if (block.type === 'tool_result') return [{kind: 'result', text: textIn(block.content)}];
	const text = string(block.text);
	const isReminder = text.startsWith('<system-reminder>') && !text.includes('\nStop hook feedback:\n');
	return text && !isReminder ? [{kind: 'prompt', text}] : [];
};

const entriesOf = (messages: readonly Json[]): readonly Entry[] =>
	messages.flatMap(({role, content}): readonly Entry[] => {
		if (role === 'user') return blocks(content).flatMap(ofUser);
		return role === 'assistant' ? [{kind: 'reply', text: textIn(content)}] : [];
	});

const stopReason = ({reply}: Sent): string => (reply.calls.length > 0 ? 'tool_use' : 'end_turn');
const tool = (sent: Sent, index: number): Json => {
	const call = sent.reply.calls[index];
	return {type: 'tool_use', id: `toolu_${sent.id}_${index}`, name: call?.name ?? '', input: call?.input ?? {}};
};
const message = (sent: Sent): Json => ({
	id: `msg_${sent.id}`,
	type: 'message',
	role: 'assistant',
	model: sent.asked.model,
	content: [],
	stop_reason: null,
	stop_sequence: null,
	usage: {input_tokens: sent.used.tokensIn, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1},
});

/** Messages of Anthropic. */
export const anthropic: Protocol = {
	api: 'anthropic',
	read: body => {
		const system = textIn(body.system);
		const messages = list(body.messages);
		return {
			api: 'anthropic',
			model: string(body.model),
			system,
			entries: entriesOf(messages),
			tools: list(body.tools).map(({name, input_schema: schema}) => ({
				name: string(name),
				space: '',
				isFreeform: false,
				inputs: inputsOf(schema),
			})),
			directory: directoryIn(`${system}\n${messages.map(({content}) => textIn(content)).join('\n')}`),
			isStream: body.stream === true,
			schema: object(object(body.output_config).format).schema ?? object(body.output_format).schema,
			stops: Array.isArray(body.stop_sequences) ? body.stop_sequences.map(String) : [],
		};
	},
	async *stream(sent) {
		yield event('message_start', {message: message(sent)});
		let index = 0;
		if (sent.reply.words.length > 0) {
			yield event('content_block_start', {index, content_block: {type: 'text', text: ''}});
			for await (const text of dripping(sent.reply)) yield event('content_block_delta', {index, delta: {type: 'text_delta', text}});
			yield event('content_block_stop', {index});
			index += 1;
		}
		for (const call of sent.reply.calls.keys()) {
			const {input, ...start} = tool(sent, call);
			yield event('content_block_start', {index, content_block: {...start, input: {}}});
			yield event('content_block_delta', {index, delta: {type: 'input_json_delta', partial_json: JSON.stringify(input)}});
			yield event('content_block_stop', {index});
			index += 1;
		}
		const usage = {input_tokens: sent.used.tokensIn, output_tokens: sent.used.tokensOut};
		yield event('message_delta', {delta: {stop_reason: stopReason(sent), stop_sequence: null}, usage});
		yield event('message_stop', {});
	},
	whole: sent => ({
		...message(sent),
		content: [
			...(sent.reply.words.length > 0 ? [{type: 'text', text: textOf(sent.reply)}] : []),
			...[...sent.reply.calls.keys()].map(index => tool(sent, index)),
		],
		stop_reason: sent.asked.stops.length > 0 ? 'stop_sequence' : stopReason(sent),
		stop_sequence: sent.asked.stops[0] ?? null,
		usage: {input_tokens: sent.used.tokensIn, output_tokens: sent.used.tokensOut},
	}),
	failure: status => {
		const [type, text] = MESSAGES[status] ?? ['api_error', `Status ${status}`];
		return {type: 'error', error: {type, message: text}};
	},
	overflow: () => ({
		status: 400,
		body: {type: 'error', error: {type: 'invalid_request_error', message: 'prompt is too long: 213000 tokens > 200000 maximum'}},
	}),
};

export const countTokens = (body: Json): Json => ({input_tokens: Math.ceil(data(body).length / 4)});
