/** A span in words of fixed precision: `0.4 s`, `3.2 s`, `2 min 5 s`. */
export const seconds = (ms: number): string => {
	if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
	const whole = Math.round(ms / 1000);
	return `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

/** Text of others on one line, without control characters; longer than `limit` it ends in an ellipsis. */
export const oneLine = (text: string, limit = 200): string => {
	const line = text
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
		.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
		.trim();
	return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
};

/** A commit as people read it. */
export const shortCommit = (commit: string): string => commit.slice(0, 9);
