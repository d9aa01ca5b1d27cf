/** What came back from an editor: its text, or why there is none, as a sentence. */
export type Edited = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly message: string};

/** What a person does with own tools on the own terminal, which the view has left meanwhile. */
export type Desk = {
	/**
	 * Opens a text in the person's editor and resolves with what was saved. It is kept until `forget`: a text of that name which is kept
	 * from before (its terminal was lost meanwhile) is opened in place of the one given.
	 */
	edit(name: string, text: string): Promise<Edited>;
	/** The text of that name is no longer needed. */
	forget(name: string): void;
	/** Shows the end of a log of the room in a pager, as clean lines; resolves with a sentence where it cannot, '' otherwise. */
	page(log: string): Promise<string>;
};
