import {type Environment, isOn, wantsLines} from '../../core/config/display-words.ts';
import {THEMES} from '../../core/config/themes.ts';
import {type Flag, type Invocation, isSet, textFlag, wrongUsage} from './command.ts';
import {didYouMean} from './parse.ts';

/** Flags of commands with a screen; each also has an environment variable and a config key. */
export const DISPLAY_FLAGS = {
	theme: {type: 'string', value: 'NAME', summary: THEMES.join(', ')},
	ascii: {type: 'boolean', summary: 'draw with ASCII characters only'},
	mouse: {type: 'boolean', summary: 'use the mouse: click and wheel'},
	screenReader: {type: 'boolean', summary: 'print lines for a screen reader'},
} as const satisfies Record<string, Flag>;

/** The environment with these flags, which is how a terminal informs the room. Refuses an unknown theme. */
export const displayEnvironment = (invocation: Invocation): Environment => {
	const theme = textFlag(invocation, 'theme');
	if (theme && !THEMES.some(name => name === theme))
		throw wrongUsage(`Unknown theme \`${theme}\`.`, didYouMean(theme, THEMES, `One of ${THEMES.join(', ')}.`));
	const given = Object.keys(DISPLAY_FLAGS).filter(name => (name === 'theme' ? theme !== '' : isSet(invocation, name)));
	return {
		...invocation.environment,
		// Distinguishes flags from the user's own variables.
		AGENT_ROOM_FLAGS: given.join(' '),
		...(theme ? {AGENT_ROOM_THEME: theme} : {}),
		...(isSet(invocation, 'ascii') ? {AGENT_ROOM_ASCII: '1'} : {}),
		...(isSet(invocation, 'mouse') ? {AGENT_ROOM_MOUSE: '1'} : {}),
		...(isSet(invocation, 'screenReader') ? {AGENT_ROOM_SCREEN_READER: '1'} : {}),
	};
};

/** Whether a screen can be drawn: on a terminal, outside CI, with cursor addressing. */
export const hasScreen = (environment: Environment, isTerminal: boolean): boolean =>
	isTerminal && !isOn(environment.CI) && (environment.TERM !== 'dumb' || wantsLines(environment));
