/** What a person has learnt once and is not shown again, in no room and on no terminal. */
export type Lessons = {
	/** The key that leads out of a pane. */
	knowsWayBack(): boolean;
	learnWayBack(): void;
};
