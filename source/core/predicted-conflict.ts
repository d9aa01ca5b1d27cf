/**
 * Two tasks whose branches, as they are committed now, would not merge with one another; the second id is '' for the base branch. `since`
 * is server time, epoch ms.
 */
export type PredictedConflict = {readonly tasks: readonly [string, string]; readonly files: readonly string[]; readonly since: number};
