/** What came back from an editor: its text, or why there is none, as a sentence. */
export type Edited = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly message: string};

/** What a human does with own tools on the own terminal, which the view has left meanwhile. */
export type TerminalTools = {
	/**
	 * Opens a text in the user's editor and resolves with what was saved. It is kept until `forget`: a text of that name which is kept from
	 * before (its terminal was lost meanwhile) is opened in place of the one given.
	 */
	edit(name: string, text: string): Promise<Edited>;
	/** The text of that name is no longer needed. */
	forget(name: string): void;
	/** Shows the end of a log of the room in a pager, as clean lines; resolves with a sentence where it cannot, '' otherwise. */
	page(log: string): Promise<string>;
	/** Shows a text in the user's editor; what is changed there is lost. Resolves with a sentence where it cannot, '' otherwise. */
	show(name: string, text: string): Promise<string>;
	/**
	 * Runs the user's shell in a folder (`trial`: and says that it is a copy to try things in), or the editor on a folder or a file; resolves
	 * with a sentence where it cannot, '' otherwise.
	 */
	work(tool: 'shell' | 'trial' | 'editor', path: string): Promise<string>;
	/**
	 * Puts a text into the buffer of the tmux that the terminal is in, and the clipboard behind it; false if there is none. The view stays.
	 */
	copy(text: string): Promise<boolean>;
	/** Opens an address in the user's browser; false if there is none to see it in. The view stays. */
	browse(url: string): Promise<boolean>;
};

/** What a human has learnt once and is not shown again, in no room and on no terminal. */
export type HintsSeen = {
	/** The key that leads out of a pane. */
	knowsWayBack(): boolean;
	learnWayBack(): void;
};

/** What a human's views of this repository keep from one to the next. */
export type SavedState = {
	/** The text that is kept under a name; '' if there is none. */
	recall(name: string): string;
	/** Keeps a text under a name, '' for none any more. One that cannot be written is lost, and nothing else is. */
	keep(name: string, text: string): void;
};
