/** Levels that a program may push; more are none, so that no stream makes the room hold more. */
const MOST = 16;
/** Disambiguate, event types, alternate keys, all keys as sequences, text with them: what there is. */
const ALL_FLAGS = 31;

/** What of a parser is needed to hear sequences: a handler that answers false leaves the sequence to the others. */
type Hearing = {
	registerCsiHandler(
		id: {final: string; prefix?: string},
		handler: (params: {readonly params: Int32Array; readonly length: number}) => boolean,
	): unknown;
	registerEscHandler(id: {final: string}, handler: () => boolean): unknown;
};

export type Keyboard = {
	/** Flags of the kitty keyboard protocol, 0 where it is off; main and alternate screen have their own. */
	readonly kitty: number;
	/** Level of xterm's modifyOtherKeys: 0 to 2. */
	readonly otherKeys: number;
};

/**
 * How a program wants keys to be sent: the kitty protocol (`CSI > u` pushes, `CSI < u` pops, `CSI = u` sets, `CSI ? u` asks) and
 * modifyOtherKeys (`CSI > 4 m`). The answer holds for every terminal that is ever attached: keys of one without the protocol are brought into it
 * (`kitty-keys.ts`), so a program may rely on what it was told.
 */
export const createKeyboard = (core: Hearing, isAlternate: () => boolean, answer: (reply: string) => void): Keyboard => {
	const fresh = () => ({main: [0], alternate: [0], otherKeys: 0});
	let state = fresh();
	const stack = (): number[] => (isAlternate() ? state.alternate : state.main);
	const put = (flags: number): void => {
		const levels = stack();
		levels[levels.length - 1] = flags & ALL_FLAGS;
	};
	core.registerCsiHandler({prefix: '>', final: 'u'}, ({params}) => {
		const levels = stack();
		// As in kitty itself, the oldest level goes where there are too many.
		if (levels.length >= MOST) levels.shift();
		levels.push((params[0] ?? 0) & ALL_FLAGS);
		return true;
	});
	core.registerCsiHandler({prefix: '<', final: 'u'}, ({params}) => {
		const levels = stack();
		levels.length = Math.max(0, levels.length - Math.max(1, params[0] ?? 1));
		if (levels.length === 0) levels.push(0);
		return true;
	});
	core.registerCsiHandler({prefix: '=', final: 'u'}, ({params, length}) => {
		const flags = params[0] ?? 0;
		const how = length > 1 ? (params[1] ?? 1) : 1;
		const now = stack().at(-1) ?? 0;
		put(how === 2 ? now | flags : how === 3 ? now & ~flags : flags);
		return true;
	});
	core.registerCsiHandler({prefix: '?', final: 'u'}, () => {
		answer(`\x1b[?${stack().at(-1) ?? 0}u`);
		return true;
	});
	core.registerCsiHandler({prefix: '>', final: 'm'}, ({params, length}) => {
		if (length === 0 || params[0] === 4) state.otherKeys = length > 1 ? Math.max(0, Math.min(2, params[1] ?? 0)) : 0;
		return true;
	});
	core.registerEscHandler({final: 'c'}, () => {
		state = fresh();
		return false;
	});
	return {
		get kitty() {
			return stack().at(-1) ?? 0;
		},
		get otherKeys() {
			return state.otherKeys;
		},
	};
};
