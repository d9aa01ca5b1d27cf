import type {CommandRow, Flag} from './command.ts';
import {dashed, GLOBAL_FLAGS} from './parse.ts';

const LABELS = 21;

/** The flags with what they do, in two columns. */
const flagLines = (flags: ReadonlyArray<readonly [string, Flag]>): readonly string[] => {
	const labels = flags.map(([name, {value}]) => `--${dashed(name)}${value ? ` ${value}` : ''}`);
	const width = Math.max(LABELS, ...labels.map(label => label.length));
	return flags.map(([, {summary}], index) => `  ${(labels[index] ?? '').padEnd(width)} ${summary}`);
};

const groupLines = (title: string, names: readonly string[]): string[] => {
	const lines: string[] = [];
	let line = '';
	for (const name of names) {
		const longer = line ? `${line}, ${name}` : name;
		// A comma follows, save after the last.
		if (longer.length > (name === names.at(-1) ? 64 : 63)) {
			lines.push(`${line},`);
			line = name;
		} else line = longer;
	}
	return [...lines, line].map((text, index) => `  ${(index === 0 ? title : '').padEnd(14)}${text}`);
};

/** The whole help in at most 80 columns and 40 rows. */
export const helpText = (table: readonly CommandRow[]): string => {
	const groups = [...new Set(table.map(row => row.group))];
	const named = (group: string): string[] => table.filter(row => row.group === group && row.name).map(row => row.name);
	return [
		'Usage: agent-room [COMMAND] [flags]',
		'',
		'  agent-room                                     open the room, or reattach',
		'  agent-room add "Add login with rate limiting"  add a task',
		'  agent-room run --until-empty --json            run without a screen, for CI',
		'',
		'Commands (`help COMMAND` explains one, `help topics` lists the guide)',
		...groups.flatMap(group => groupLines(group, named(group))),
		'',
		'Flags',
		...flagLines(Object.entries<Flag>(GLOBAL_FLAGS).filter(([, {isRare}]) => !isRare)),
		'',
		'Screen (of `agent-room` and `demo`; also keys of the configuration)',
		'  --theme NAME, --ascii, --mouse, --screen-reader; NO_COLOR and',
		'  AGENT_ROOM_THEME, _ASCII, _MOUSE, _SCREEN_READER, _REDUCE_MOTION, _CURSOR',
		'',
		'Environment',
		'  AGENT_ROOM_REDIS_URL, AGENT_ROOM_CONFIG, AGENT_ROOM_TRUST=1: as the flags',
		'  XDG_STATE_HOME, XDG_CONFIG_HOME: where state and your own config.yaml live',
		'',
		'Exit codes',
		'  0 ok, 1 failed, 2 wrong usage, 3 not ready (`agent-room doctor` says why)',
		'  `status --exit-code`: 4 you are needed, 5 the base branch is failing',
	].join('\n');
};

export const commandHelp = (command: CommandRow): string => {
	const flags = Object.entries(command.flags);
	return [
		`Usage: agent-room ${command.name} ${command.arguments} [flags]`.replace(/ +/g, ' '),
		'',
		`${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
		...(command.details ?? []),
		'',
		'Examples',
		...command.examples.map(example => `  ${example}`),
		...(flags.length > 0 ? ['', 'Flags', ...flagLines(flags)] : []),
		'',
		'Flags of every command: `agent-room --help`.',
	].join('\n');
};
