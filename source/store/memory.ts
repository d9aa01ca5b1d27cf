/** What a person's views of this repository keep from one to the next. */
export type Memory = {
	/** The text that is kept under a name; '' where there is none. */
	recall(name: string): string;
	/** Keeps a text under a name, '' for none any more. One that cannot be written is lost, and nothing else is. */
	keep(name: string, text: string): void;
};
