/** What says no in each of its dialogs. */
export const DENY_KEYS = '\u001b';
