/** How the last log of a task ends: clean lines, oldest first, without blank ones at the end. `log` is the file's name in the folder `logs`. */
export type LogEnd = {readonly log: string; readonly lines: readonly string[]};
