import type {RedisConnection} from './connection.ts';
import {messageOf, RedisLost} from './errors.ts';
import type {Library, LoadedScript} from './scripts/table.ts';

type Call = RedisConnection['call'];
type Run = RedisConnection['run'];

/** Of a server on which this user may not use functions, or that has none under that name. */
const REFUSES_FUNCTIONS = /has no permissions to run the '(?:fcall|function\b[^']*)' command|^ERR unknown command/i;

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
 * Runs scripts on one connection, `server` by its name: as functions of the library, which is loaded where the server does not have it, and by digest or text where
 * it cannot have it: its user may not load (whoever may can replace what others run, so the line of `setup redis --acl` does not allow it),
 * its memory is full, or it is a replica. The same text either way, one step either way.
 */
export const createRunner = (server: string): ((call: Call) => Run) => {
	let isByText = false;
	let loading: Promise<boolean> | undefined;

	const load = async (call: Call, library: Library): Promise<boolean> => {
		try {
			await call('FUNCTION', 'LOAD', library.text);
		} catch (error) {
			if (error instanceof RedisLost) throw error;
			// Another client was first.
			if (messageOf(error).includes('already exists')) return true;
			isByText = REFUSES_FUNCTIONS.test(messageOf(error));
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
		for (let attempts = 2; inLibrary && !isByText && attempts > 0; attempts--) {
			try {
				return await call('FCALL', inLibrary.function, ...given);
			} catch (error) {
				const message = messageOf(error);
				if (REFUSES_FUNCTIONS.test(message)) isByText = true;
				else if (!message.includes('Function not found')) throw error;
				else if (!(await hasLoaded(call, inLibrary.library))) break;
			}
		}
		return runText(call, script, given);
	};
};
