import type {LaunchContext} from '../cli.ts';

/**
 * What this session may do, as rules over Gemini's own: the room's tools and the allowed commands never ask (each part of a chain is
 * looked at by itself, and one that writes into a file asks in spite of this), and who only reads has no tool that writes.
 */
export const policy = ({allowed, writes}: Pick<LaunchContext, 'allowed' | 'writes'>): string =>
	[
		rule(['toolName = "*"', 'mcpName = "room"', 'decision = "allow"']),
		allowed.length === 0
			? ''
			: rule(['toolName = "run_shell_command"', `commandPrefix = [${allowed.map(string).join(', ')}]`, 'decision = "allow"']),
		writes ? '' : rule(['toolName = ["replace", "write_file"]', 'decision = "deny"']),
	].join('');

const rule = (lines: readonly string[]): string => `[[rule]]\n${lines.join('\n')}\npriority = 500\n\n`;

/** A basic string of TOML: JSON's escapes are among its own. */
const string = (text: string): string => JSON.stringify(text);
