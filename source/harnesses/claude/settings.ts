import type {LaunchContext} from '../cli.ts';
import {quote} from '../quote.ts';
import {HOOKS, SERVER, STATUS} from './names.ts';
import {rules} from './rights.ts';

/** A permission waits for a person, who may be asleep: a week. */
const WAIT_SECONDS = 7 * 24 * 3600;
/** A tool of the room that asks a person, or waits for a lock, is silent meanwhile; by itself Claude gives it up after half an hour. */
const WAIT_MS = 24 * 3600 * 1000;
/** All others are answered at once; a room that hangs holds nobody up for longer. */
const HOOK_SECONDS = 10;

const commandOf = (hook: readonly string[], event: string): string => [...hook, event].map(quote).join(' ');

/**
 * All hooks are waited for, so that they reach the room in the order in which things happened: an end of a tool that arrives after the
 * end of its turn would show an agent at work that rests. Headless, the stream says all but who asks.
 */
const hooks = ({hook, mode}: LaunchContext): object =>
	Object.fromEntries(
		HOOKS.filter(({isHeadless}) => mode === 'interactive' || isHeadless).map(({event, waits}) => [
			event,
			[{hooks: [{type: 'command', command: commandOf(hook, event), timeout: waits ? WAIT_SECONDS : HOOK_SECONDS}]}],
		]),
	);

/**
 * Settings of one session, laid over the person's own, which stay as they are: rules add up, and the person's hooks run beside the room's.
 * The status line alone is the room's: it is told what the session has cost.
 */
export const settingsFile = (context: LaunchContext): string =>
	JSON.stringify({
		hooks: hooks(context),
		permissions: rules(context),
		...(context.mode === 'interactive' ? {statusLine: {type: 'command', command: commandOf(context.hook, STATUS), padding: 0}} : {}),
		...(context.permissions === 'full' ? {skipDangerousModePermissionPrompt: true} : {}),
		preferredNotifChannel: 'iterm2',
		spinnerTipsEnabled: false,
	});

/**
 * The room's MCP server, beside those of the person. What its environment shares with Claude's own is taken from there by name: a value in
 * this file would be searched for `${NAME}`, and titles of tasks are in it.
 */
export const mcpFile = ({mcp, mcpEnvironment, environment}: LaunchContext): string => {
	const [command, ...args] = mcp;
	const env = Object.entries(mcpEnvironment).flatMap(
		([name, value]): ReadonlyArray<readonly [string, string]> =>
			environment[name] === value ? [[name, `\${${name}}`]] : value.includes('${') ? [] : [[name, value]],
	);
	return JSON.stringify({
		mcpServers: command === undefined ? {} : {[SERVER]: {command, args, env: Object.fromEntries(env), alwaysLoad: true, timeout: WAIT_MS}},
	});
};
