/** An editor's result: the text, or a sentence why there is none. */
export type Edited = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly message: string};

/** The user's own tools on the terminal, which the view leaves meanwhile. */
export type TerminalTools = {
	/**
	 * Opens a text in the user's editor; resolves with what was saved. It is kept until `forget`: a kept text of that name (after a lost
	 * terminal) is opened instead of the given one.
	 */
	edit(name: string, text: string): Promise<Edited>;
	/** Deletes the kept text. */
	forget(name: string): void;
	/** Shows the end of a log in a pager, as clean lines; resolves with a sentence on failure, else ''. */
	page(log: string): Promise<string>;
	/** Shows a text in the user's editor, discarding changes; resolves with a sentence on failure, else ''. */
	show(name: string, text: string): Promise<string>;
	/**
	 * Runs the user's shell in a folder (`trial`: says that it is a scratch copy), or the editor on a folder or file; resolves with a
	 * sentence on failure, else ''.
	 */
	work(tool: 'shell' | 'trial' | 'editor', path: string): Promise<string>;
	/** Copies a text to the surrounding tmux's buffer and its clipboard; false if there is none. The view stays. */
	copy(text: string): Promise<boolean>;
	/** Opens an address in the user's browser; false without a display. The view stays. */
	browse(url: string): Promise<boolean>;
};

/** Hints the user has learnt, for all rooms and terminals. */
export type HintsSeen = {
	/** The key that leaves a pane. */
	knowsWayBack(): boolean;
	learnWayBack(): void;
};

/** Texts that the user's views of this repository keep. */
export type SavedState = {
	/** The text kept under a name; '' if none. */
	recall(name: string): string;
	/** Keeps a text under a name, '' to remove it. A failed write only loses that text. */
	keep(name: string, text: string): void;
};
