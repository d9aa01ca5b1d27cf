import type {z} from 'zod';
import {type ForgeName, type ForgePlace, forgePlace} from '../../core/forge/address.ts';
import {type ANSWERS, type ForgeAsk, type ForgeRequest, LONGEST_BODY, LONGEST_SUMMARY, requestSchema} from '../../core/forge/protocol.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {ForgeRefused, forgeCli, type RunCli} from './cli.ts';
import {gitea} from './gitea.ts';
import {github} from './github.ts';
import {gitlab} from './gitlab.ts';

type Sent<Operation extends keyof typeof ANSWERS> = Extract<z.input<(typeof ANSWERS)[Operation]>, {readonly ok: true}>;
/** A pull request and a comment as our programs write them: the room cleans and cuts them. */
export type RawPull = Sent<'open'>['pull'];
export type RawComment = Sent<'comments'>['comments'][number];

/** One forge, for one repository. What cannot be done is thrown as `ForgeRefused`. */
export type Forge = {
	open(ask: ForgeAsk<'open'>): Promise<RawPull>;
	update(ask: ForgeAsk<'update'>): Promise<RawPull>;
	status(numbers: readonly number[]): Promise<readonly RawPull[]>;
	log(check: string, number: number): Promise<string>;
	rerun(check: string, number: number): Promise<void>;
	comments(number: number, since: string): Promise<readonly RawComment[]>;
	reply(number: number, comment: string, body: string): Promise<void>;
	merge(ask: ForgeAsk<'merge'>): Promise<void>;
	close(number: number, body: string): Promise<void>;
};

/** Each forge: the program that it is asked through, and how. */
const TABLE: Readonly<Record<ForgeName, {readonly program: string; readonly forge: (cli: RunCli, place: ForgePlace) => Forge}>> = {
	github: {program: 'gh', forge: github},
	gitlab: {program: 'glab', forge: gitlab},
	gitea: {program: 'tea', forge: gitea},
};

/** Cut before it is sent: a hundred summaries of 64 kB each would be no answer at all. Only what failed is explained. */
const cutChecks = (pull: RawPull): RawPull => ({
	...pull,
	checks: pull.checks?.map(check => ({...check, summary: check.state === 'failed' ? (check.summary ?? '').slice(0, LONGEST_SUMMARY) : ''})),
});
const cutBody = (comment: RawComment): RawComment => ({...comment, body: comment.body.slice(0, LONGEST_BODY)});

const answer = async (forge: Forge, request: ForgeRequest): Promise<Readonly<Record<string, unknown>>> => {
	switch (request.op) {
		case 'open':
			return {pull: await forge.open(request)};
		case 'update':
			return {pull: await forge.update(request)};
		case 'status':
			return {pulls: (await forge.status(request.numbers)).map(cutChecks)};
		case 'log':
			return {text: await forge.log(request.check, request.number)};
		case 'rerun':
			await forge.rerun(request.check, request.number);
			return {};
		case 'comments':
			return {comments: (await forge.comments(request.number, request.since)).map(cutBody)};
		case 'reply':
			await forge.reply(request.number, request.comment, request.body);
			return {};
		case 'merge':
			await forge.merge(request);
			return {};
		case 'close':
			await forge.close(request.number, request.body);
			return {};
	}
};

const failed = (code: string, message: string) => ({ok: false, code, message: plainTextLine(message, 300)});

const isForge = (name: string): name is ForgeName => Object.hasOwn(TABLE, name);

/**
 * `node dist/program.js forge NAME`: one request of the room on standard input, its answer on standard output, exit 0 for any answer. Another
 * program can take its place (`forge: {command: [...]}`): `core/forge/protocol.ts` says each field.
 */
export const runForge = async ({
	name,
	input,
	environment,
	write,
}: {
	readonly name: string;
	readonly input: AsyncIterable<Uint8Array>;
	readonly environment: NodeJS.ProcessEnv;
	readonly write: (text: string) => void;
}): Promise<number> => {
	const parts: Uint8Array[] = [];
	for await (const part of input) parts.push(part);
	const tell = (value: unknown): number => {
		write(`${JSON.stringify(value)}\n`);
		return 0;
	};
	try {
		if (!isForge(name)) return tell(failed('unsupported', `there is no forge \`${name}\``));
		const request = requestSchema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
		const place = forgePlace(request.address);
		if (place === undefined) return tell(failed('refused', `the address of the remote names no repository: ${request.address}`));
		const {program, forge} = TABLE[name];
		return tell({ok: true, ...(await answer(forge(forgeCli(program, environment), place), request))});
	} catch (error) {
		if (error instanceof ForgeRefused) return tell(failed(error.code, error.message));
		return tell(failed('garbage', error instanceof Error ? error.message : String(error)));
	}
};
