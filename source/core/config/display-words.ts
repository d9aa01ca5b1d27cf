// Apart from `display.ts`, so that no command has to load a schema for its flags (test/floors.test.ts).

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a variable is set to something that does not say no; `otherwise` where it is not set. */
export const isOn = (value: string | undefined, otherwise = false): boolean =>
	value === undefined || value === '' ? otherwise : !/^(0|false|no|off)$/i.test(value);

/** Lines for a screen reader were asked for, by a variable of ours or of a program that has such a mode too; `otherwise` where none says so. */
export const wantsLines = (
	{AGENT_ROOM_SCREEN_READER, INK_SCREEN_READER, CLAUDE_AX_SCREEN_READER}: Environment,
	otherwise = false,
): boolean => isOn(AGENT_ROOM_SCREEN_READER, isOn(INK_SCREEN_READER) || isOn(CLAUDE_AX_SCREEN_READER) || otherwise);
