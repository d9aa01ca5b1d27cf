/**
 * Characters that draw nothing or change their neighbours: soft hyphen, zero-width, bidi controls, fillers, tags, selectors. Excludes the
 * visible Arabic and Syriac number signs of the same Unicode category.
 */
const INVISIBLE =
	/(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Default_Ignorable_Code_Point}\p{Cf}\u2028\u2029\u2800\ufff9-\ufffb]/u;

/** Scripts with joining letters: a joiner between two of them changes the spelling. */
const CURSIVE = ['Arabic', 'Syriac', 'Mongolian', 'Nko', 'Mandaic'].map(script => `\\p{Script_Extensions=${script}}`).join('');
/** The viramas of Indic scripts; a joiner next to one decides whether letters join. */
const VIRAMA = '\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca';

const PICTURE = '\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?';

/**
 * Kept: joined pictographs, the three flags spelt by tags, keycaps and emoji with their selector, Mongolian variants, and one joiner in a
 * script that has it. Others are named: an invisible character could carry hidden text.
 */
const KEPT = new RegExp(
	[
		`\\u{1f3f4}\\u{e0067}\\u{e0062}(?:\\u{e0065}\\u{e006e}\\u{e0067}|\\u{e0073}\\u{e0063}\\u{e0074}|\\u{e0077}\\u{e006c}\\u{e0073})\\u{e007f}`,
		`${PICTURE}(?:\\u200d${PICTURE}){1,5}`,
		'[0-9#*]\\ufe0f\\u20e3',
		'(?![0-9#*])\\p{Emoji}[\\ufe0e\\ufe0f]',
		'(?=\\p{L})\\p{Script=Mongolian}[\\u180b-\\u180d\\u180f]',
		`(?=[\\p{L}\\p{M}])[${CURSIVE}](?:\\u200c(?=[${CURSIVE}])|\\u200d)`,
		`[${VIRAMA}][\\u200c\\u200d]`,
		`\\p{L}\\u200d(?=[${VIRAMA}])`,
		INVISIBLE.source,
	].join('|'),
	'gu',
);

/** Characters of one run that are named one by one. */
const MOST_OF_A_RUN = 8;

const named = (character: string): string => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/**
 * Returns a text that shows you the same characters that the agent gets. Names invisible ones (`<U+200B>`); joiners and selectors of an
 * emoji or a script stay. Ignores control characters.
 */
export const visible = (text: string): string => {
	if (!INVISIBLE.test(text)) return text;
	let [end, run, left] = [-1, 0, 0];
	const out: string[] = [];
	let from = 0;
	const endRun = (): void => {
		if (left > 0) out.push(`<and ${left} more>`);
		[run, left] = [0, 0];
	};
	for (const match of text.matchAll(KEPT)) {
		const [found] = match;
		if (match.index !== end) endRun();
		out.push(text.slice(from, match.index));
		from = match.index + found.length;
		end = from;
		// Kept matches have several characters; a single one is invisible.
		if ([...found].length > 1) {
			endRun();
			out.push(found);
		} else if (++run <= MOST_OF_A_RUN) out.push(named(found));
		else left++;
	}
	endRun();
	out.push(text.slice(from));
	return out.join('');
};
