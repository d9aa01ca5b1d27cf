import type {Config} from '../core/config.ts';

const firstLine = (text: string): string => {
	const [first = '', ...more] = text.trim().split('\n');
	return more.length > 0 ? `${first} … (${more.length + 1} lines)` : first;
};

/** A harness in one line: what is run, and what it may do and sees beside the ordinary. Values of the environment may be secrets: names only. */
export const harnessText = ({command, cli, permissions, environment}: Config['harnesses'][string]): string =>
	[
		(command ?? [cli ?? '']).join(' '),
		...(permissions === 'full' ? ['(may do everything without asking)'] : []),
		...(Object.keys(environment).length > 0 ? [`(sets ${Object.keys(environment).join(', ')})`] : []),
	].join(' ');

/**
 * Everything in a configuration that runs something, spends something or hands something out, in words for the person who is asked to
 * trust it. [] means that there is nothing to trust.
 */
export const commandsOf = (config: Config): readonly string[] => [
	...(config.test === undefined ? [] : [`test: ${config.test}`]),
	...(config.setup === undefined ? [] : [`setup: ${config.setup}`]),
	...(config.copy.length > 0 ? [`copy into every worktree: ${config.copy.join(', ')}`] : []),
	...(config.environment.length > 0 ? [`pass on to agents: ${config.environment.join(', ')}`] : []),
	...(config.notify.command ? [`run when somebody needs you: ${config.notify.command.join(' ')}`] : []),
	...Object.entries(config.roles).flatMap(([name, {brief}]) => (brief === undefined ? [] : [`brief of ${name}: ${firstLine(brief)}`])),
	...Object.entries(config.harnesses).map(([name, harness]) => `harness ${name}: ${harnessText(harness)}`),
	...config.team
		.filter(member => member.harness !== undefined)
		.map(
			member =>
				`${member.count} x ${member.role}: ${[member.harness, ...member.args].join(' ')}${member.permissions === 'full' ? ' (may do everything without asking)' : ''}`,
		),
];

/** The configuration without any of it: what a room gets from a file that nobody trusted. */
export const withoutCommands = (config: Config): Config => ({
	...config,
	test: undefined,
	setup: undefined,
	copy: [],
	environment: [],
	notify: {...config.notify, command: undefined},
	harnesses: {},
	roles: {},
	team: [],
});
