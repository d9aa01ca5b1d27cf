import type {LaunchContext} from '../cli.ts';

type Rules = Readonly<Record<string, 'ask' | 'allow' | 'deny'>>;

/**
 * What opencode asks for; of several patterns that fit, the last decides. Each command of a chain is looked at by itself. Tools that only
 * read stay as the person has them.
 */
export const permissionOf = ({
	permissions,
	writes,
	allowed,
	told,
}: Pick<LaunchContext, 'permissions' | 'writes' | 'allowed' | 'told'>): Readonly<Record<string, string | Rules>> => {
	const edit = writes ? (permissions === 'ask' ? 'ask' : 'allow') : 'deny';
	if (permissions === 'full') return writes ? {} : {edit};
	return {
		edit,
		bash: {
			'*': 'ask',
			...Object.fromEntries(
				allowed.flatMap(command => [
					[command, 'allow' as const],
					[`${command} *`, 'allow' as const],
				]),
			),
		},
		webfetch: 'ask',
		// What it is told lies in the session's folder.
		external_directory: {'*': 'ask', [`${told}/*`]: 'allow'},
		'room_*': 'allow',
	};
};
