import {setTimeout as wait} from 'node:timers/promises';
import type {Reply} from './reply.ts';
import type {Api, Asked} from './talk.ts';

/** Tokens that every reply says it used. */
export type Used = {readonly tokensIn: number; readonly tokensOut: number};

/** What is sent for one reply: numbers that make its ids unlike those of any other. */
export type Sent = {readonly reply: Reply; readonly asked: Asked; readonly used: Used; readonly id: string};

/** An interface of models: requests into one form, replies out of it. */
export type Protocol = {
	readonly api: Api;
	read(body: Json, path: string): Asked;
	/** The server-sent events of a reply; it takes its time where words drip. */
	stream(sent: Sent): AsyncIterable<string>;
	whole(sent: Sent): unknown;
	failure(status: number): unknown;
	/** The answer to a conversation that is too long. */
	overflow(): {readonly status: number; readonly body: unknown};
};

export type Json = Readonly<Record<string, unknown>>;

/** An object, or an empty one where the value is none. */
export const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
export const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : []);
export const string = (value: unknown): string => (typeof value === 'string' ? value : '');

export const event = (name: string, data: Json): string => `event: ${name}\ndata: ${JSON.stringify({type: name, ...data})}\n\n`;
export const data = (value: unknown): string => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

/** The words of a reply, with the pauses between them. */
export async function* dripping({words, everyMs}: Reply): AsyncIterable<string> {
	for (const [index, word] of words.entries()) {
		if (index > 0 && everyMs > 0) await wait(everyMs);
		yield everyMs > 0 || index === 0 ? word : `\n${word}`;
	}
}

export const textOf = (reply: Reply): string => reply.words.join(reply.everyMs > 0 ? '' : '\n');

/** Names and JSON types of a tool's arguments. */
export const inputsOf = (schema: unknown): Readonly<Record<string, string>> =>
	Object.fromEntries(
		Object.entries(object(object(schema).properties)).map(([name, value]) => {
			const {type} = object(value);
			return [name, String(Array.isArray(type) ? type[0] : type).toLowerCase()];
		}),
	);

/** Where a program tells the model which folder it works in. */
export const directoryIn = (text: string): string =>
	/<cwd>([^<\n]+)<\/cwd>/.exec(text)?.[1] ?? /working directory(?: is)?:?\s*`?(\/[^\s`"'\\]+)/i.exec(text)?.[1] ?? '';

export const MESSAGES: Readonly<Record<number, readonly [type: string, message: string]>> = {
	401: ['authentication_error', 'invalid x-api-key'],
	429: ['rate_limit_error', 'This request would exceed your account’s rate limit. Please try again later.'],
	500: ['api_error', 'Internal server error'],
	529: ['overloaded_error', 'Overloaded'],
};
