import {once} from 'node:events';
import {createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse} from 'node:http';
import {anthropic, countTokens} from './model-server/anthropic.ts';
import {chat} from './model-server/chat.ts';
import {gemini} from './model-server/gemini.ts';
import {type Json, object, type Protocol, type Used} from './model-server/protocol.ts';
import {type Reply, replyOf, valueFor} from './model-server/reply.ts';
import {responses} from './model-server/responses.ts';
import {NO_RULE, nextSteps, type Script, type Step} from './model-server/script.ts';
import type {Asked} from './model-server/talk.ts';

/** A request for a reply of the model; side requests (titles, decisions of the program about itself) are among them. */
export type ModelRequest = {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly asked: Asked;
	/** What it was answered with, as far as the script says: [] for a side request. */
	readonly steps: readonly Step[];
	readonly body: Json;
	/** `performance.now()` of its arrival. */
	readonly at: number;
};

/** A scripted model on loopback, for real agent CLIs. It takes any key and any name of a model. */
export type ModelServer = {
	/** `http://127.0.0.1:PORT`; OpenAI's interfaces lie below `/v1`. */
	readonly url: string;
	readonly requests: readonly ModelRequest[];
	/** What the script asked for and a request had no tool for, or what no rule fitted. */
	readonly problems: readonly string[];
	/** What each reply that was sent whole said it took, side requests included. */
	readonly told: readonly (Used & {readonly model: string})[];
	/** How many requests were neither refused nor answered whole. */
	cancelled(): number;
	/** Later requests are answered by another script. */
	use(script: Script): void;
	close(): Promise<void>;
};

const protocolOf = (path: string): Protocol | undefined => {
	if (/\/messages(\?|$)/.test(path)) return anthropic;
	if (/\/responses(\?|$)/.test(path)) return responses;
	if (/\/chat\/completions(\?|$)/.test(path)) return chat;
	return /:(stream)?[gG]enerateContent/.test(path) ? gemini : undefined;
};

const bodyOf = async (request: IncomingMessage): Promise<Json> => {
	let text = '';
	for await (const part of request.setEncoding('utf8')) text += part;
	try {
		return object(JSON.parse(text));
	} catch {
		return {};
	}
};

const json = (response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
	response.writeHead(status, {'content-type': 'application/json', ...headers});
	response.end(JSON.stringify(body));
};

/** What a program asks beside its conversation: a decision (whether a command is safe, which model to take), or a title. */
const sideAnswer = (asked: Asked): string | undefined => {
	if (asked.stops.includes('</block>')) return '<block>no';
	if (asked.tools.length > 0) return;
	return asked.schema === undefined ? 'A title' : JSON.stringify(valueFor(asked.schema));
};

/** What programs ask a server for besides replies; undefined where it is a reply that is wanted. */
const asideFor = (method: string, path: string, body: Json): unknown => {
	if (path.includes('/messages/count_tokens')) return countTokens(body);
	if (path.includes(':countTokens')) return {totalTokens: 1000};
	if (method === 'GET' && /\/models(\?|$)/.test(path)) return {object: 'list', data: [], models: []};
	return method === 'POST' && protocolOf(path) ? undefined : {};
};

/**
 * Starts the server. `script` decides by the conversation what the model says; `used` is what every reply says it took. Requests without
 * tools are side requests: they get a title, or the smallest answer of the schema that they ask for.
 */
export const startModelServer = async ({
	script,
	used = {tokensIn: 1000, tokensOut: 50},
}: {
	readonly script: Script;
	readonly used?: Used;
}): Promise<ModelServer> => {
	const requests: ModelRequest[] = [];
	const problems: string[] = [];
	const failures = new Map<object, number>();
	let current = script;
	let sent = 0;
	const told: (Used & {readonly model: string})[] = [];
	let refused = 0;

	const send = async (protocol: Protocol, asked: Asked, reply: Reply, response: ServerResponse): Promise<void> => {
		sent += 1;
		const made = {reply, asked, used, id: `${sent.toString(36)}x${Math.random().toString(36).slice(2, 10)}`};
		if (!asked.isStream) {
			json(response, 200, protocol.whole(made));
			told.push({...used, model: asked.model});
			return;
		}
		response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-cache'});
		for await (const part of protocol.stream(made)) {
			if (response.destroyed) return;
			response.write(part);
		}
		response.end();
		told.push({...used, model: asked.model});
	};

	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const path = request.url ?? '/';
		const body = await bodyOf(request);
		const blockedByChanges = asideFor(request.method ?? 'GET', path, body);
		const protocol = protocolOf(path);
		if (blockedByChanges !== undefined || !protocol) {
			json(response, 200, blockedByChanges);
			return;
		}
		const asked = protocol.read(body, path);
		const side = sideAnswer(asked);
		const steps = side === undefined ? nextSteps(current, asked, failures) : [];
		if (steps === NO_RULE) problems.push(`${NO_RULE[0]?.say} ${asked.entries.filter(({kind}) => kind === 'prompt').at(-1)?.text}`);
		requests.push({path, headers: request.headers, asked, steps, body, at: performance.now()});
		if (side !== undefined) {
			await send(protocol, asked, {words: [side], everyMs: 0, calls: []}, response);
			return;
		}
		for (const step of steps) {
			if ('hang' in step) return;
			if ('fail' in step) {
				refused += 1;
				json(response, step.fail, step.body ?? protocol.failure(step.fail), step.headers);
				return;
			}
			if ('overflow' in step) {
				const {status, body: refusal} = protocol.overflow();
				refused += 1;
				json(response, status, refusal);
				return;
			}
		}
		await send(protocol, asked, replyOf(steps, asked, problems), response);
	};

	const server = createServer((request, response) => {
		answer(request, response).catch((error: unknown) => {
			problems.push(String(error));
			response.destroy();
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	const port = typeof address === 'object' && address ? address.port : 0;
	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		problems,
		told,
		cancelled: () => requests.length - told.length - refused,
		use: next => {
			current = next;
		},
		close: async () => {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
};
