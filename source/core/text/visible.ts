/**
 * Characters that draw nothing, or steer how their neighbours are drawn: soft hyphen, zero-width ones, bidi controls, fillers, tags, selectors. The signs
 * of Arabic and Syriac that stand before numbers are of the same kind to Unicode and are seen.
 */
const INVISIBLE =
	/(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Default_Ignorable_Code_Point}\p{Cf}\u2028\u2029\u2800\ufff9-\ufffb]/u;

/** Scripts whose letters join: between two of them a joiner changes how a word is written, and so what it says. */
const CURSIVE = ['Arabic', 'Syriac', 'Mongolian', 'Nko', 'Mandaic'].map(script => `\\p{Script_Extensions=${script}}`).join('');
/** The signs of the scripts of India by which letters become one; a joiner beside one says whether they do. */
const VIRAMA = '\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca';

const PICTURE = '\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?';

/**
 * What is left as it is: joined pictographs, the three flags that are spelt by tags, keycaps and emoji with a selector of their own, Mongolian letters in a
 * chosen form, and one joiner where a script has one. Everything else that matches is shown: where it changes nothing that is seen, it could carry words.
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

/** So many of one run are shown one by one. */
const MOST_OF_A_RUN = 8;

const named = (character: string): string => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/**
 * A text as a person sees it and as an agent gets it: the same characters for both. What cannot be seen is named (`<U+200B>`), so that nobody reads
 * what nobody could see; joiners and selectors stay where they belong to an emoji or to a script. Control characters are not looked at here.
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
		// Of what is kept, several characters stand together; one by itself is invisible.
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
