import {quote} from '../quote.ts';
import {sha256} from './sha256.ts';
import type {TomlValue} from './toml.ts';

/** A day: a permission waits for a person. */
const LONG_SECONDS = 86_400;
/** What Codex allows the hooks of an end and an interrupt; more is a warning on its screen. */
const SHORT_SECONDS = 3;
const ORDINARY_SECONDS = 60;

/** The hooks of a session: name, the word for it in the keys of trust, and how long it may take. */
const HOOKS = [
	['SessionStart', 'session_start', ORDINARY_SECONDS],
	['UserPromptSubmit', 'user_prompt_submit', ORDINARY_SECONDS],
	['PreToolUse', 'pre_tool_use', ORDINARY_SECONDS],
	['PermissionRequest', 'permission_request', LONG_SECONDS],
	['PostToolUse', 'post_tool_use', ORDINARY_SECONDS],
	['Stop', 'stop', ORDINARY_SECONDS],
	['Interrupt', 'interrupt', SHORT_SECONDS],
	['SessionEnd', 'session_end', SHORT_SECONDS],
] as const;

/**
 * The fingerprint by which Codex knows a hook that was reviewed: of its event, its command and its time. A hook whose fingerprint is
 * another does not run, so that a version which computes it otherwise runs none of ours, rather than somebody else's.
 */
const fingerprint = (event: string, command: string, timeout: number): string =>
	`sha256:${sha256(JSON.stringify({event_name: event, hooks: [{async: false, command, timeout, type: 'command'}]}))}`;

/**
 * The hooks of one run, and the trust in exactly these. Codex's own switch to run hooks without review would also run those of the
 * repository's `.codex` folder, which anybody may have put there: it is never used.
 */
export const hookSettings = (hook: readonly string[]): {readonly [key: string]: TomlValue} => {
	const run = HOOKS.map(([name, key, timeout]) => ({name, key, timeout, command: [...hook, name].map(quote).join(' ')}));
	return {
		...Object.fromEntries(run.map(({name, command, timeout}) => [`hooks.${name}`, [{hooks: [{type: 'command', command, timeout}]}]])),
		'hooks.state': Object.fromEntries(
			run.map(({key, command, timeout}) => [`/<session-flags>/config.toml:${key}:0:0`, {trusted_hash: fingerprint(key, command, timeout)}]),
		),
	};
};
