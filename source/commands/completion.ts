import {agentName} from '../core/agent/agent.ts';
import type {StatusLine} from '../core/protocol/output-schema.ts';
import {askIfRunning} from './client/client.ts';
import {EXIT, type Flag, type RunCommand, textFlag, wordsOf, wrongUsage} from './parse/command.ts';
import {dashed, didYouMean, GLOBAL_FLAGS} from './parse/parse.ts';
import {COMMANDS} from './table.ts';

type Shown = {readonly word: string; readonly summary: string; readonly takesValue: boolean};

const flagsOf = (flags: Readonly<Record<string, Flag>>): readonly Shown[] =>
	Object.entries(flags).map(([name, {type, summary}]) => ({word: `--${dashed(name)}`, summary, takesValue: type !== 'boolean'}));

const ROWS = COMMANDS.filter(({name}) => name !== '');
const OPENING = COMMANDS.filter(({name}) => name === '').flatMap(({flags}) => flagsOf(flags));
const GLOBAL = flagsOf(GLOBAL_FLAGS);

/** What an argument may name, as the usage line says it. */
const KINDS = [
	{kind: 'agents', names: /\bAGENT\b/},
	{kind: 'tasks', names: /\b(?:TASK|ID|OTHER|FEATURE)\b/},
] as const;
const namesOf = (row: (typeof ROWS)[number]): string =>
	KINDS.flatMap(({kind, names}) => (names.test(row.arguments) ? [kind] : [])).join(',');

/** Words that an argument may be, such as `print` of `print|path`. */
const wordsIn = (row: (typeof ROWS)[number]): readonly string[] =>
	row.name === 'help'
		? ['keys', 'topics', ...ROWS.map(({name}) => name)]
		: (row.arguments.match(/(?<![A-Za-z-])[a-z]+(?![A-Za-z])/g) ?? []);

const ALL = [...GLOBAL, ...OPENING, ...ROWS.flatMap(({flags}) => flagsOf(flags))];
const ALONE = new Set(ALL.filter(flag => !flag.takesValue).map(({word}) => word));
/** Flags whose next word is their value, with every command that has them. */
const VALUED = [...new Set(ALL.filter(flag => flag.takesValue).map(({word}) => word))].filter(word => !ALONE.has(word)).join('|');
const listOf = (shown: readonly Shown[]): string => shown.map(({word}) => word).join(' ');

const ASK = 'agent-room completion --names';

const bash = (): readonly string[] => [
	'# In ~/.bashrc: source <(agent-room completion bash)',
	'_agent_room() {',
	'	local current="${COMP_WORDS[COMP_CWORD]}" command= flags= words= names= at',
	'	for ((at = 1; at < COMP_CWORD; at++)); do',
	'		case "${COMP_WORDS[at]}" in',
	`			${VALUED}) ((at++)) ;;`,
	'			-*) ;;',
	'			*) command="${COMP_WORDS[at]}"; break ;;',
	'		esac',
	'	done',
	'	COMPREPLY=()',
	'	case "${COMP_WORDS[COMP_CWORD - 1]}" in',
	`		${VALUED}) return ;;`,
	'	esac',
	'	case "$command" in',
	`		'') words='${ROWS.map(({name}) => name).join(' ')}' flags='${listOf(OPENING)}' ;;`,
	...ROWS.map(row => `		${row.name}) words='${wordsIn(row).join(' ')}' names='${namesOf(row)}' flags='${listOf(flagsOf(row.flags))}' ;;`),
	'	esac',
	`	if [[ $current == -* ]]; then words="$flags ${listOf(GLOBAL)}"`,
	`	elif [[ $names ]]; then words="$words $(${ASK} "$names" 2>/dev/null)"; fi`,
	'	COMPREPLY=($(compgen -W "$words" -- "$current"))',
	'}',
	'complete -o default -F _agent_room agent-room',
];

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const described = (shown: readonly Pick<Shown, 'word' | 'summary'>[]): string =>
	shown.map(({word, summary}) => quoted(`${word}:${summary}`)).join(' ');

const zsh = (): readonly string[] => [
	'#compdef agent-room',
	'# In ~/.zshrc, after compinit: source <(agent-room completion zsh)',
	'_agent_room() {',
	"	local command='' at",
	'	local -a list',
	'	for ((at = 2; at < CURRENT; at++)); do',
	'		case "${words[at]}" in',
	`			(${VALUED}) ((at++)) ;;`,
	'			(-*) ;;',
	'			(*) command="${words[at]}"; break ;;',
	'		esac',
	'	done',
	'	case "${words[CURRENT - 1]}" in',
	`		(${VALUED}) _files; return ;;`,
	'	esac',
	'	if [[ "${words[CURRENT]}" == -* ]]; then',
	'		case "$command" in',
	`			('') list=(${described(OPENING)}) ;;`,
	...ROWS.map(row => `			(${row.name}) list=(${described(flagsOf(row.flags))}) ;;`),
	'		esac',
	`		list+=(${described(GLOBAL)})`,
	'	else',
	'		case "$command" in',
	`			('') list=(${described(ROWS.map(({name, summary}) => ({word: name, summary})))}) ;;`,
	...ROWS.filter(row => wordsIn(row).length > 0 || namesOf(row) !== '').map(row => {
		const asked = namesOf(row) === '' ? '' : ` \${(f)"$(${ASK} ${namesOf(row)} 2>/dev/null)"}`;
		return `			(${row.name}) list=(${wordsIn(row).join(' ')}${asked}) ;;`;
	}),
	'		esac',
	'	fi',
	'	if (( $#list )); then _describe -t values agent-room list; else _files; fi',
	'}',
	'compdef _agent_room agent-room',
];

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const fishFlag = (condition: string, {word, summary, takesValue}: Shown): string =>
	`complete -c agent-room${condition} -l ${word.slice(2)}${takesValue ? ' -r' : ''} -d ${fishQuoted(summary)}`;

const fish = (): readonly string[] => [
	'# agent-room completion fish > ~/.config/fish/completions/agent-room.fish',
	...GLOBAL.map(flag => fishFlag('', flag)),
	...OPENING.map(flag => fishFlag(' -n __fish_use_subcommand', flag)),
	...ROWS.flatMap(row => {
		const here = ` -n '__fish_seen_subcommand_from ${row.name}'`;
		const words = [...wordsIn(row), ...(namesOf(row) === '' ? [] : [`(${ASK} ${namesOf(row)} 2>/dev/null)`])];
		return [
			`complete -c agent-room -f -n __fish_use_subcommand -a ${row.name} -d ${fishQuoted(row.summary)}`,
			...flagsOf(row.flags).map(flag => fishFlag(here, flag)),
			...(words.length > 0 ? [`complete -c agent-room -f${here} -a ${fishQuoted(words.join(' '))}`] : []),
		];
	}),
];

const SHELLS: Readonly<Record<string, () => readonly string[]>> = {bash, zsh, fish};

/** Names of agents or tasks for a shell, which splits and expands what it completes: nothing but plain names. */
export const namesFor = (
	kinds: readonly string[],
	{agents, tasks}: {readonly agents: readonly {readonly id: string}[]; readonly tasks: readonly {readonly id: string}[]},
): readonly string[] =>
	[
		...(kinds.includes('agents') ? agents.map(({id}) => agentName(id)) : []),
		...(kinds.includes('tasks') ? tasks.map(({id}) => id) : []),
	].filter(name => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));

/** `agent-room completion bash|zsh|fish`: prints the script; `--names` what it asks for while you type. */
export const completion: RunCommand = async invocation => {
	const [shell = ''] = invocation.input;
	const asked = textFlag(invocation, 'names');
	if (asked !== '') {
		// Nothing where no room runs: a tab starts no Redis.
		const status = (await askIfRunning(invocation, {op: 'status'}).catch(() => undefined))?.data as StatusLine | undefined;
		for (const name of status ? namesFor(wordsOf(asked), status) : []) invocation.print(name);
		return EXIT.ok;
	}
	const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
	if (shell === '') throw wrongUsage('Missing shell.', 'Example: agent-room completion bash');
	if (!script) throw wrongUsage(`Unknown shell \`${shell}\`.`, didYouMean(shell, Object.keys(SHELLS), 'It knows bash, zsh and fish.'));
	for (const line of script()) invocation.print(line);
	return EXIT.ok;
};
