/** The hooks that are asked for. `waits`: it is answered when a person has decided. */
export const HOOKS = [
	{event: 'SessionStart', waits: false, isHeadless: false},
	{event: 'UserPromptSubmit', waits: false, isHeadless: false},
	{event: 'PreToolUse', waits: false, isHeadless: true},
	{event: 'PermissionRequest', waits: true, isHeadless: true},
	{event: 'PostToolUse', waits: false, isHeadless: false},
	{event: 'PostToolUseFailure', waits: false, isHeadless: false},
	{event: 'Notification', waits: false, isHeadless: false},
	{event: 'PreCompact', waits: false, isHeadless: false},
	{event: 'Stop', waits: false, isHeadless: false},
	{event: 'StopFailure', waits: false, isHeadless: false},
	{event: 'SessionEnd', waits: false, isHeadless: false},
] as const;

/** What the status line is told as: no hook of Claude's, but it is sent by the same road. */
export const STATUS = 'StatusLine';

/** Name of the room's MCP server, and so the beginning of its tools' names. */
export const SERVER = 'room';
