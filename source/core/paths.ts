/** Segments of a glob before the first that holds a wildcard; none where it may reach anywhere (`..`, an escape, a negation). */
const literalSegments = (glob: string): readonly string[] => {
	if (glob.includes('..') || glob.includes('\\') || glob.startsWith('!')) return [];
	const segments = glob.split('/').filter(segment => segment !== '' && segment !== '.');
	const wild = segments.findIndex(segment => /[*?[\]{}(]/.test(segment));
	return wild < 0 ? segments : segments.slice(0, wild);
};

const areas = new Map<string, string>();
const AREAS_KEPT = 4000;

/** The file or folder that a glob stays within, without regard to the case of a to z; '' is the whole tree. */
const areaOf = (glob: string): string => {
	const known = areas.get(glob);
	if (known !== undefined) return known;
	const area = literalSegments(glob)
		.map(segment => `${segment.replace(/[A-Z]/g, letter => letter.toLowerCase())}/`)
		.join('');
	// A screen asks for the same few again and again; a flood of others only empties the memory.
	if (areas.size >= AREAS_KEPT) areas.clear();
	areas.set(glob, area);
	return area;
};

/**
 * True where two globs may match the same file: one's area holds the other's. It may say so of two that never meet, and never misses two that
 * do. `lua/lib/lock.lua` decides by the same rule; a test compares the two.
 */
export const pathsOverlap = (one: string, other: string): boolean => {
	const [area, otherArea] = [areaOf(one), areaOf(other)];
	return area.startsWith(otherArea) || otherArea.startsWith(area);
};

/** True where two locks exclude each other: the same name, or paths (`path:<glob>`) that overlap. */
export const locksExclude = (one: string, other: string): boolean =>
	one.startsWith('path:') && other.startsWith('path:') ? pathsOverlap(one.slice(5), other.slice(5)) : one === other;
