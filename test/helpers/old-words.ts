/**
 * Words and phrases that texts for people no longer use, each with what is written instead. Whole words, in any case; what stands in backticks
 * is not looked at, since ids and commands are as they are.
 */
const OLD_WORDS: readonly (readonly [old: string, write: string])[] = [
	['told', 'say, report, name the object'],
	['lands?|landed|landings?', 'merge'],
	['cars?', 'queue entry'],
	['merge train|the train', 'merge queue'],
	['eject(?:ed|s)?|thrown out', 'removed from the merge queue'],
	['derailed', 'outdated'],
	['stands?|stood', 'is, is based on'],
	['nobody|whoever', 'name the subject'],
	['goes on|go on|going on', 'continue, resume'],
	['begins? again|begun', 'restart, started'],
	['anew', 'again, re-'],
	['hand(?:ed|s)? in|handing in', 'submit'],
	['hand(?:ed|s)? out', 'assign'],
	['taken over|takes over', 'reassigned'],
	['at work', 'running'],
	['work trees?', 'worktree'],
	['dead(?! end| link| lock)', 'failed (a task), crashed (an agent)'],
	['requeued?|dead letter', 'retry'],
	['bounced?|unbrake|brakes?', 'request changes, rate limit'],
	['mends?|mended', 'fix'],
	['beside|besides', 'next to, also'],
	['in vain', 'without success'],
	['by heart', 'cached'],
	['amiss', 'wrong'],
	["of one's own", 'custom, its own'],
	['of which', 'two sentences'],
	['a person', 'you; a human'],
	['outsiders?', 'external agent or worker'],
];

/** The old words of a text, with what to write instead. */
export const oldWordsIn = (text: string): readonly string[] => {
	const plain = text.replace(/^```[\s\S]*?^```$|^ {4}.*$|`[^`\n]*`|\]\([^)]*\)/gm, ' ');
	return OLD_WORDS.flatMap(([old, write]) =>
		[...plain.matchAll(new RegExp(`(?<![\\w-])(?:${old})(?![\\w-])`, 'gi'))].map(
			({0: word, index}) => `\`${word}\` -> ${write}: …${plain.slice(Math.max(0, index - 30), index + 40).replaceAll('\n', ' ')}…`,
		),
	);
};
