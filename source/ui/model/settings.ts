import type {Origin, Setting, Settings} from '../../core/config/config.ts';
import type {Display} from '../../core/config/display.ts';
import type {Environment} from '../../core/config/display-words.ts';
import {THEMES} from '../../core/config/themes.ts';

/** Switches of one terminal, by config key, in display order. */
export const SWITCHES = ['theme', 'ascii', 'mouse', 'reduceMotion', 'notify.bell', 'notify.desktop'] as const;
export type Switch = (typeof SWITCHES)[number];

/** The environment variable of a switch; notices have none. */
const VARIABLES: Readonly<Record<Switch, string>> = {
	theme: 'AGENT_ROOM_THEME',
	ascii: 'AGENT_ROOM_ASCII',
	mouse: 'AGENT_ROOM_MOUSE',
	reduceMotion: 'AGENT_ROOM_REDUCE_MOTION',
	'notify.bell': '',
	'notify.desktop': '',
};

/** A theme, or `on` and `off`; `note` says why a change has no effect. */
export type SwitchState = {readonly value: string; readonly from: Origin | 'view'; readonly note: string};
export type Switches = Readonly<Record<Switch, SwitchState>>;

const word = (isOn: boolean): string => (isOn ? 'on' : 'off');

/** Initial switches of a view: `capabilities` from the environment over the configuration, and each value's source. */
export const switchesOf = (
	environment: Environment,
	capabilities: {
		readonly theme: string;
		readonly colors: string;
		readonly isAscii: boolean;
		readonly hasMouse: boolean;
		readonly isStill: boolean;
	},
	{ascii, notify}: Display,
	settings: Settings,
): Switches => {
	const flags = (environment.AGENT_ROOM_FLAGS ?? '').split(' ');
	const one = (name: Switch, value: string, note = ''): SwitchState => {
		const given = environment[VARIABLES[name]] ?? '';
		const configured = settings.values.find(setting => setting.name === name)?.from ?? 'default';
		// An unknown theme was refused; a locale without UTF-8 implies ASCII.
		const isGiven = given !== '' && (name !== 'theme' || given === value);
		const isByLocale = name === 'ascii' && given === '' && capabilities.isAscii && !ascii;
		return {value, note, from: isGiven ? (flags.includes(name) ? 'flag' : 'environment') : isByLocale ? 'environment' : configured};
	};
	const isColourless = capabilities.colors === 'none' && capabilities.theme !== 'mono';
	return {
		theme: one('theme', capabilities.theme, isColourless ? 'NO_COLOR or TERM turns colors off, whatever the theme.' : ''),
		ascii: one('ascii', word(capabilities.isAscii)),
		mouse: one('mouse', word(capabilities.hasMouse)),
		reduceMotion: one('reduceMotion', word(capabilities.isStill)),
		'notify.bell': one('notify.bell', word(notify.bell)),
		'notify.desktop': one('notify.desktop', word(notify.desktop)),
	};
};

export const NO_SWITCHES: Switches = {
	theme: {value: 'auto', from: 'default', note: ''},
	ascii: {value: 'off', from: 'default', note: ''},
	mouse: {value: 'off', from: 'default', note: ''},
	reduceMotion: {value: 'off', from: 'default', note: ''},
	'notify.bell': {value: 'on', from: 'default', note: ''},
	'notify.desktop': {value: 'on', from: 'default', note: ''},
};

/** The next theme, or the opposite value. */
export const switched = (switches: Switches, name: Switch): Switches => {
	const {value, note} = switches[name];
	const index = THEMES.findIndex(theme => theme === value);
	const next = name === 'theme' ? (THEMES[(index + 1) % THEMES.length] ?? 'auto') : word(value !== 'on');
	return {...switches, [name]: {value: next, from: 'view', note}};
};

/** The terminal's environment with this view's switches on top. */
export const environmentWith = (environment: Environment, switches: Switches): Environment => ({
	...environment,
	...Object.fromEntries(
		SWITCHES.flatMap(name => (switches[name].from === 'view' && VARIABLES[name] ? [[VARIABLES[name], switches[name].value]] : [])),
	),
});

export const noticesWith = (notify: Display['notify'], switches: Switches): Display['notify'] => ({
	...notify,
	bell: switches['notify.bell'].value === 'on',
	desktop: switches['notify.desktop'].value === 'on',
});

/** A row of the settings: a switch of this view, or a value of the room. */
export type SettingRow = Omit<Setting, 'from'> & {readonly from: Origin | 'view'; readonly switches: Switch | undefined};

const ABOUT: Readonly<Record<Switch, string>> = {
	theme: 'Screen colors; `auto` follows the terminal background.',
	ascii: 'Draw with ASCII only.',
	mouse: 'Use the mouse to click and scroll. Hold shift to select text.',
	reduceMotion: 'No blinking; idle panes are painted twice a second.',
	'notify.bell': 'Ring the terminal bell when an agent needs you and the terminal has no focus.',
	'notify.desktop': 'Show desktop notifications if the terminal supports them.',
};

/** All rows: this view's switches, then the room's values. */
export const settingRows = (settings: Settings, switches: Switches): readonly SettingRow[] => [
	...SWITCHES.map((name): SettingRow => {
		const {value, from, note} = switches[name];
		return {name, value, from, about: note || ABOUT[name], isIgnored: false, switches: name};
	}),
	...settings.values
		.filter(({name}) => !SWITCHES.some(one => one === name))
		.map((setting): SettingRow => ({...setting, switches: undefined})),
];
