const restoreCursor = (): void => {};

/**
 * Stands in for `restore-cursor` in the bundle: Ink's cursor lives in a virtual terminal, and the package would write an escape
 * sequence to the real stderr at exit, which is the room's log.
 */
export {restoreCursor as default};
