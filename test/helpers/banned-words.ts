/** Words that the texts of the program no longer use. */
const BANNED: readonly string[] = [
	...[
		'trains?',
		'cars',
		'derailed',
		'ejected',
		'thrown out',
		'landing',
		'landed',
		'lands',
		'anew',
		'nobody',
		'whoever',
		'of which',
		'a person',
	],
	...['goes on', 'go on', 'begins? again', 'handed in', 'handed out', 'hands? out', 'hands? in', 'work trees?', 'dead', 'told to wait'],
	...['by order', 'in vain', 'sent back', 'sends back', 'plan anew', 'asks you', 'out of attempts', 'takes the place of'],
	...['brakes?', 'bounce', 'requeues it', 'need you', 'Redis is away', 'Redis lost', 'no free', 'merges are held'],
];

const pattern = new RegExp(`(?<![\\w-])(?:${BANNED.join('|')})(?![\\w-])`, 'gi');

/** The banned words in a text, each once. */
export const bannedIn = (text: string): readonly string[] => [...new Set(text.match(pattern) ?? [])];
