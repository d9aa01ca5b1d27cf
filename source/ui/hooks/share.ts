/** `next`, with each part that equals one of `before` replaced by it: unchanged parts keep their identity. Plain data only. */
export const share = <T>(before: unknown, next: T): T => {
	if (before === next || typeof before !== 'object' || typeof next !== 'object' || before === null || next === null) return next;
	if (Array.isArray(next)) {
		if (!Array.isArray(before)) return next;
		const shared = next.map((item, index) => share(before[index], item));
		return (before.length === shared.length && shared.every((item, index) => item === before[index]) ? before : shared) as T;
	}
	const [old, shared] = [before as Record<string, unknown>, {} as Record<string, unknown>];
	const keys = Object.keys(next);
	let isSame = !Array.isArray(before) && keys.length === Object.keys(old).length;
	for (const key of keys) {
		shared[key] = share(old[key], (next as Record<string, unknown>)[key]);
		if (shared[key] !== old[key]) isSame = false;
	}
	return (isSame ? old : shared) as T;
};
