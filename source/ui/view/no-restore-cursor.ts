const restoreCursor = (): void => {};

/**
 * Replaces `restore-cursor` in the bundle: Ink's terminal is virtual, and the package would write an escape sequence to the real stderr at
 * exit, which is the room's log.
 */
export {restoreCursor as default};
