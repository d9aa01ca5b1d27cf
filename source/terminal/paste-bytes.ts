/**
 * A text as one bracketed paste. Nothing in it is a key: escape sequences and control characters are gone, so neither the end of a paste nor
 * anything else in it can leave the paste; line ends and tabs stay.
 */
export const pasteBytes = (text: string): Buffer => Buffer.from(`\u001b[200~${pasteText(text)}\u001b[201~`);

/** What of a text is pasted: lines and tabs, without escape sequences and control characters. */
export const pasteText = (text: string): string =>
	text
		.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
		.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_](?:[^\u0007\u001b]|\u001b(?!\\))*(?:\u0007|\u001b\\|$)|[ -/]*[0-~])?/g, '')
		.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
		.replace(/^\n+|\n+$/g, '');
