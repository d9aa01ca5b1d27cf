/**
 * A file with conflict markers in which both sides of every conflict stay, ours first (and of three-way markers neither the ancestor).
 * What an agent would write who understood that both lines are wanted; only the scripted agent does it blindly.
 */
export const keepBothSides = (text: string): string => {
	let side: 'none' | 'ours' | 'ancestor' | 'theirs' = 'none';
	return text
		.split('\n')
		.filter(line => {
			if (/^<{7}( |$)/.test(line)) side = 'ours';
			else if (side !== 'none' && /^\|{7}( |$)/.test(line)) side = 'ancestor';
			else if (side !== 'none' && /^={7}$/.test(line)) side = 'theirs';
			else if (side !== 'none' && /^>{7}( |$)/.test(line)) side = 'none';
			else return side !== 'ancestor';
			return false;
		})
		.join('\n');
};
