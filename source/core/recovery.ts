/** What a person reads while Redis is not what the team worked with: what was found, what holds meanwhile, and the two ways on. */
export const tellRecovery = (finding: string): string =>
	`${finding}: nothing is handed out. Stop the room and restore the data, or take them as they are: X, then r, or \`agent-room freeze --off\`.`;
