import type {RedisConnection} from './connection.ts';
import {messageOf, RedisLost} from './errors.ts';
import type {Library} from './scripts/assemble.ts';
import type {LoadedScript} from './scripts/table.ts';

type Call = RedisConnection['call'];
type Run = RedisConnection['run'];

/** Of a server on which this user may not use functions, or that has none under that name. */
const REFUSES_FUNCTIONS = /has no permissions to run the '(?:fcall|function\b[^']*)' command|^ERR unknown command/i;

/** A server that took no library is asked again after this, ms: each question is 140 KB. */
const LOAD_AGAIN_MS = 5000;

/** Servers from which this process has removed other versions: once only, as two versions at one server would do it in turns for ever. */
const tidied = new Set<string>();

/** Removes the libraries of other versions, which load theirs again if they still run. */
const tidy = async (call: Call, server: string, {name}: Library): Promise<void> => {
	if (tidied.has(server)) return;
	tidied.add(server);
	const libraries = (await call('FUNCTION', 'LIST', 'LIBRARYNAME', 'agent_room_*')) as readonly (readonly unknown[])[];
	const names = libraries.map(fields => String(fields[fields.indexOf('library_name') + 1]));
	for (const other of names) if (other !== name && /^agent_room_[0-9a-f]{12}$/.test(other)) await call('FUNCTION', 'DELETE', other);
};

/**
 * Runs scripts on one connection to the server of that name: as functions of the library, which is loaded where the server lacks it, or as text
 * where it cannot be loaded. A user who may load functions can replace what others run, so the line of `setup redis --acl` does not allow it;
 * a server whose memory is full, or a replica, takes none for now. Either way a script is the same code and one step.
 */
export const createRunner = (server: string): ((call: Call) => Run) => {
	/** Until then scripts go as text, by `performance.now()`. */
	let textUntil = 0;
	let loading: Promise<boolean> | undefined;

	const load = async (call: Call, library: Library): Promise<boolean> => {
		try {
			await call('FUNCTION', 'LOAD', library.text);
		} catch (error) {
			if (error instanceof RedisLost) throw error;
			// Another client was first.
			if (messageOf(error).includes('already exists')) return true;
			textUntil = REFUSES_FUNCTIONS.test(messageOf(error)) ? Number.POSITIVE_INFINITY : performance.now() + LOAD_AGAIN_MS;
			return false;
		}
		tidy(call, server, library).catch(() => undefined);
		return true;
	};
	/** Whether the server has the library now; calls at the same time load it once. */
	const hasLoaded = (call: Call, library: Library): Promise<boolean> => {
		loading ??= load(call, library).finally(() => {
			loading = undefined;
		});
		return loading;
	};

	const runText = async (call: Call, script: LoadedScript, given: readonly (string | number)[]): Promise<unknown> => {
		try {
			return await call('EVALSHA', script.sha, ...given);
		} catch (error) {
			if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
			return call('EVAL', script.text, ...given);
		}
	};

	return call => async (script, keys, args) => {
		const given = [keys.length, ...keys, ...args];
		const {inLibrary} = script;
		for (let attempts = 2; inLibrary && performance.now() >= textUntil && attempts > 0; attempts--) {
			try {
				return await call('FCALL', inLibrary.function, ...given);
			} catch (error) {
				const message = messageOf(error);
				if (REFUSES_FUNCTIONS.test(message)) textUntil = Number.POSITIVE_INFINITY;
				else if (!message.includes('Function not found')) throw error;
				else if (!(await hasLoaded(call, inLibrary.library))) break;
			}
		}
		return runText(call, script, given);
	};
};
