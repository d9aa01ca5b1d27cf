import type {Greeting} from './connection.ts';
import {RedisRefused} from './errors.ts';
import {listOf, wordsOf} from './scripts/replies.ts';
import {argumentList, loadScript, SCRIPTS, type ScriptName} from './scripts/table.ts';

/** Sent from here, beside what the scripts call. */
const SENT = ['HGET', 'HSETNX', 'INFO', 'XRANGE', 'XREAD'] as const;

/** The commands that a script's text calls, also softly (lib/base); a container such as XINFO with its subcommand. */
export const commandsIn = (text: string): readonly string[] =>
	[...text.matchAll(/(?:redis\.p?call|softly)\('([A-Z]+)'(?:, '([A-Z]+)')?/g)].map(([, command = '', next = '']) =>
		command === 'XINFO' ? `${command} ${next}` : command,
	);

/** Every command that the room uses, each once. */
export const commandsUsed = (): readonly string[] => {
	const names = Object.keys(SCRIPTS) as ScriptName[];
	return [...new Set([...SENT, ...names.flatMap(name => commandsIn(loadScript(name).text))])].toSorted();
};

/** Refuses a server that lacks a command, does not let the user run it, or has something else in a key of ours: found here, no script stops half-way. Throws `RedisRefused`. */
export const checkCommands = async (greeting: Greeting, address: string, namespace: string): Promise<void> => {
	const args = argumentList('probe', namespace, '', {'commands...': commandsUsed()});
	const hint = `Allow that user \`~${namespace}:* &${namespace}:* +@all\`, or what of it \`ACL LOG\` names.`;
	const reply = await greeting.run(loadScript('probe'), [`${namespace}:events`], args).catch((error: unknown) => {
		if (!(error instanceof Error) || !error.message.startsWith('NOPERM')) throw error;
		throw new RedisRefused('forbidden', `The user of Redis at \`${address}\` may not use \`${namespace}:*\`.`, hint, error);
	});
	const [missing, forbidden, others] = listOf(reply).map(wordsOf);
	if (missing?.[0])
		throw new RedisRefused(
			'lacks-command',
			`Redis at \`${address}\` lacks the command \`${missing[0]}\`, without which the room cannot work.`,
			'Do not rename it on that server, or give another server.',
		);
	const [key, kind, right] = others ?? [];
	if (key)
		throw new RedisRefused(
			'other-data',
			`The key \`${key}\` of Redis at \`${address}\` is a ${kind}, not a ${right}: something else has written there.`,
			'Rename or delete that key, or give another namespace with `--namespace`.',
		);
	if (forbidden?.[0])
		throw new RedisRefused('forbidden', `The user of Redis at \`${address}\` may not run \`${forbidden[0]}\` on \`${namespace}:*\`.`, hint);
};
