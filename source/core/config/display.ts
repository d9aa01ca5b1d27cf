import * as z from 'zod';
import {THEMES} from './themes.ts';

const notify = z.strictObject({
	bell: z.boolean().default(true).describe('Ring the terminal bell.'),
	desktop: z.boolean().default(true).describe('Show a desktop notification, if the terminal supports it.'),
	command: z
		.array(z.string().min(1))
		.min(1)
		.optional()
		.describe('A program to run; AGENT_ROOM_NOTICE holds the text, AGENT_ROOM_NOTICE_KIND its kind.'),
	done: z.boolean().default(false).describe('Also notify when the last open task ends.'),
});

/** Config keys for one user's display and sound. */
export const displayKeys = {
	theme: z.enum(THEMES).default('auto').describe('Screen colours; `auto` matches the terminal background.'),
	ascii: z.boolean().default(false).describe('Draw with ASCII characters only.'),
	mouse: z.boolean().default(false).describe('Use the mouse for clicks and scrolling; hold shift to select text.'),
	screenReader: z.boolean().default(false).describe('Print lines for a screen reader instead of drawing a screen.'),
	reduceMotion: z.boolean().default(false).describe('No blinking; panes that you are not typing into update twice a second.'),
	notify: notify.prefault({}).describe('Notifications while you are not looking and an agent needs you.'),
};

export type Display = z.output<z.ZodObject<typeof displayKeys>>;

export const DEFAULT_DISPLAY: Display = z.object(displayKeys).parse({});
