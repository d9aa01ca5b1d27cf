import {z} from 'zod';
import {THEMES} from './themes.ts';

const notify = z.strictObject({
	bell: z.boolean().default(true).describe('Ring the bell of the terminal.'),
	desktop: z.boolean().default(true).describe('Show a notice of the desktop, where the terminal can.'),
	command: z
		.array(z.string().min(1))
		.min(1)
		.optional()
		.describe('A program to run; it finds the text in AGENT_ROOM_NOTICE, its kind in AGENT_ROOM_NOTICE_KIND.'),
	done: z.boolean().default(false).describe('Also when the last open task has ended.'),
});

/** Config keys for one user's display and sound. */
export const displayKeys = {
	theme: z.enum(THEMES).default('auto').describe('Colours of the screen; `auto` goes by the background of the terminal.'),
	ascii: z.boolean().default(false).describe('Draw with ASCII alone.'),
	mouse: z.boolean().default(false).describe('Take the mouse: click, wheel. Selecting text then needs the shift key.'),
	screenReader: z.boolean().default(false).describe('Lines to be read aloud in place of a screen.'),
	reduceMotion: z.boolean().default(false).describe('Nothing blinks, and output that nobody types into is painted twice a second.'),
	notify: notify.prefault({}).describe('What happens when an agent needs you and you look away.'),
};

export type Display = z.output<z.ZodObject<typeof displayKeys>>;

export const DEFAULT_DISPLAY: Display = z.object(displayKeys).parse({});
