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

const textIn = (content: Json): string =>
	list(content.parts)
		.filter(part => part.thought !== true)
		.map(part => string(part.text))
		.join('\n');

const ofUser = (part: Json): readonly Entry[] => {
	const {functionResponse} = part;
	if (functionResponse) return [{kind: 'result', text: JSON.stringify(object(functionResponse).response)}];
	return string(part.text) ? [{kind: 'prompt', text: string(part.text)}] : [];
};

const usageOf = ({used}: Sent): Json => ({
	promptTokenCount: used.tokensIn,
	candidatesTokenCount: used.tokensOut,
	totalTokenCount: used.tokensIn + used.tokensOut,
});

const callsOf = (sent: Sent): readonly Json[] =>
	sent.reply.calls.map(({name, input}, index) => ({functionCall: {id: `call_${sent.id}_${index}`, name, args: input}}));

const part = (sent: Sent, parts: readonly Json[], more: Json = {}): Json => ({
	responseId: sent.id,
	modelVersion: sent.asked.model,
	candidates: [{index: 0, content: {role: 'model', parts}, ...more}],
	usageMetadata: usageOf(sent),
});

const REASONS: Readonly<Record<number, string>> = {401: 'UNAUTHENTICATED', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE'};

/** generateContent of Gemini. */
export const gemini: Protocol = {
	api: 'gemini',
	read: (body, path) => {
		const contents = list(body.contents);
		const settings = object(body.generationConfig);
		const system = textIn(object(body.systemInstruction));
		return {
			api: 'gemini',
			model: /models\/([^:/]+):/.exec(path)?.[1] ?? '',
			system,
			entries: contents.flatMap((content): readonly Entry[] =>
				content.role === 'model' ? [{kind: 'reply', text: textIn(content)}] : list(content.parts).flatMap(ofUser),
			),
			tools: list(body.tools).flatMap(tool =>
				list(tool.functionDeclarations).map(({name, parameters, parametersJsonSchema}) => ({
					name: string(name),
					space: '',
					isFreeform: false,
					inputs: inputsOf(parametersJsonSchema ?? parameters),
				})),
			),
			directory: directoryIn(`${system}\n${contents.map(textIn).join('\n')}`),
			isStream: path.includes(':streamGenerateContent'),
			schema: settings.responseJsonSchema ?? settings.responseSchema,
			stops: [],
		};
	},
	async *stream(sent) {
		for await (const text of dripping(sent.reply)) yield data(part(sent, [{text}]));
		yield data(part(sent, callsOf(sent), {finishReason: 'STOP'}));
	},
	whole: sent =>
		part(sent, [...(sent.reply.words.length > 0 ? [{text: textOf(sent.reply)}] : []), ...callsOf(sent)], {finishReason: 'STOP'}),
	failure: status => ({
		error: {code: status, message: MESSAGES[status]?.[1] ?? `Status ${status}`, status: REASONS[status] ?? 'INTERNAL'},
	}),
	overflow: () => ({
		status: 400,
		body: {
			error: {
				code: 400,
				message: 'The input token count (1213000) exceeds the maximum number of tokens allowed (1048576).',
				status: 'INVALID_ARGUMENT',
			},
		},
	}),
};
