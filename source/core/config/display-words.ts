// Apart from `display.ts`, so that commands need not load a schema for their flags (test/floors.test.ts).

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a variable is set and not a word for no; `otherwise` if unset. */
export const isOn = (value: string | undefined, otherwise = false): boolean =>
	value === undefined || value === '' ? otherwise : !/^(0|false|no|off)$/i.test(value);

/** Whether our variable, or one of a program with such a mode, asks for screen reader lines; `otherwise` if none does. */
export const wantsLines = (
	{AGENT_ROOM_SCREEN_READER, INK_SCREEN_READER, CLAUDE_AX_SCREEN_READER}: Environment,
	otherwise = false,
): boolean => isOn(AGENT_ROOM_SCREEN_READER, isOn(INK_SCREEN_READER) || isOn(CLAUDE_AX_SCREEN_READER) || otherwise);
